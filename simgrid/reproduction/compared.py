"""Which arms of the worlds a part holds against each other, and that there are such."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from simgrid.experiments.study import POLICY
from simgrid.reproduction.experiments import EXPERIMENTS, Experiment, Reading, arm
from simgrid.reproduction.parts import Part
from simgrid.scenario.problems import did_you_mean

_COMPARING = ("difference", "gain", "reduction", "share", "trend")
"""Measures that hold one arm against others."""


class NothingToCompare(ValueError):
    """A claim that names what its worlds do not have; one problem a line."""


def arm_of(experiment: Experiment, how: Reading, compared: str) -> str:
    """The arm of a policy, or of whatever else the experiment compares, under one reading."""
    if experiment.axis == POLICY:
        return arm(how.point, compared)
    return arm({**how.point, experiment.axis: compared}, experiment.policy)


def arms_compared(part: Part) -> tuple[str, ...]:
    """Every arm that the part's quantity is made of; none where it compares no arms."""
    quantity, experiment, how = part.claim.quantity, part.experiment, part.how
    if quantity is None or experiment is None or how is None or quantity.measure not in _COMPARING:
        return ()
    names = (quantity.subject, *quantity.against)
    if quantity.measure == "trend":
        return tuple(arm(end, one) for end in experiment.trend for one in names)
    return tuple(arm_of(experiment, how, one) for one in names)


def check_experiments(parts: Sequence[Part]) -> None:
    """That every claim's experiment and readings are among ours.

    :raises NothingToCompare: naming all that are not.
    """
    _tell(problem for part in parts for problem in _unmeasured(part))


def check(asked: Sequence[tuple[Part, Collection[str]]]) -> None:
    """That each part's arms are among those that its worlds have.

    :raises NothingToCompare: naming every claim and arm of which that is not so, and the nearest there is.
    """
    _tell(problem for part, known in asked for problem in _problems(part, known))


def _tell(problems: Iterable[str]) -> None:
    if told := list(dict.fromkeys(problems)):
        raise NothingToCompare("\n".join(told))


def _unmeasured(part: Part) -> Iterator[str]:
    claim = part.claim
    if claim.quantity is None or claim.quantity.measure == "sum":
        return
    if part.experiment is None:
        there = did_you_mean(claim.experiment, EXPERIMENTS)
        yield f"{claim.name}: there is no experiment '{claim.experiment}'; {there}"
    elif part.how is None:
        there = did_you_mean(part.reading, part.experiment.readings) or "it has none: leave 'readings' out"
        yield f"{claim.name}: {claim.experiment} has no reading '{part.reading}'; {there}"


def _problems(part: Part, known: Collection[str]) -> Iterator[str]:
    for one in arms_compared(part):
        if one not in known:
            there = did_you_mean(one, known, "there are")
            yield f"{part.claim.name}: the worlds of {part.claim.experiment} have no '{one}'; {there}"
