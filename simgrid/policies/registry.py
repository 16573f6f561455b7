"""Policies by name: find the plug-in, read its variants, make a fresh object for a run.

A policy of one's own is a class that is given the team and the ontology, and ``assign``\\ s::

    class FirstOnDuty:
        def __init__(self, team, ontology, *, patience=0.0):
            self.team = team
            self.patience = patience

        def assign(self, worklist):
            ready = worklist.desks.on_duty & (worklist.desks.available_in_s <= self.patience)
            allowed = self.team.eligible(worklist.kind) & ready
            return Assignment(np.where(allowed.any(axis=1), allowed.argmax(axis=1), -1))

A scenario names it by its file (``plug_ins: {first-on-duty: my_policy.py:FirstOnDuty}``), or an entry point
in its package's pyproject.toml makes it known::

    [project.entry-points."simgrid.policies"]
    first-on-duty = "my_package:FirstOnDuty"

Its keyword arguments are the options that a scenario may set. An attribute ``variants`` maps the names that
may follow ``@`` to the options they set: ``rwoa@no-deadline+points`` sets two. ``@batched`` and ``@online``
exist for every policy: they say when the dispatcher asks, and the policy never learns of them.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Literal, TypeAlias, cast

from simgrid.domain.decision import Policy, Team
from simgrid.domain.kind import Kind
from simgrid.domain.radiologist import Profile, Radiologist
from simgrid.domain.scenario import Option, PolicyChoice
from simgrid.domain.schedule import ROUND_THE_CLOCK
from simgrid.plug_ins import PlugInError, lacks_method, load, raised
from simgrid.rating import Ontology

GROUP = "simgrid.policies"
JOIN = "+"

Timing: TypeAlias = Literal["batched", "online"]
TIMINGS: tuple[Timing, ...] = ("batched", "online")


class PolicyError(ValueError):
    """A choice that cannot be made; ``problems`` lists everything that is wrong with it."""

    def __init__(self, choice: PolicyChoice, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"policy {choice.label}: {problem}" for problem in problems))


def available() -> dict[str, tuple[str, ...]]:
    """Every installed policy with the variants that may follow its ``@``, timing variants last."""
    return {name: (*_variants(_installed(name)), *TIMINGS) for name in sorted(_found())}


def timing(choice: PolicyChoice) -> Timing:
    """When the dispatcher asks this policy: every batch window, or on each arrival.

    Batched for all unless the variant says otherwise: the rhythm belongs to the scenario, so that a
    comparison isolates the decision. :raises PolicyError: where both are asked for.
    """
    asked = [one for one in TIMINGS if one in _tokens(choice)]
    if len(asked) > 1:
        raise PolicyError(choice, ["is both @batched and @online: choose one"])
    return asked[0] if asked else "batched"


def check(choice: PolicyChoice) -> tuple[str, ...]:
    """Everything wrong with a choice, as sentences: names first, then values, which the policy itself judges.

    Values are tried on a team of one and the ontology that travels with simgrid.
    """
    try:
        problems = _wrong_names(choice)
    except PlugInError as error:
        return (str(error),)
    if not problems:
        try:
            policy = _build(choice, _team_of_one(), _default_ontology())
        except Exception as error:  # whatever a policy of one's own may raise
            ours = choice.plug_in is None and isinstance(error, (TypeError, ValueError))
            return (str(error) if ours else raised(error, choice.plug_in),)
        if lacking := lacks_method(policy, "assign"):
            return (lacking,)
    return tuple(problems)


def _wrong_names(choice: PolicyChoice) -> list[str]:
    if choice.plug_in is None and choice.name not in _found():
        return [f"there is no policy {choice.name!r}: {_nearest(choice.name, tuple(sorted(_found())))}"]
    plug_in = _plug_in(choice)
    if choice.plug_in is not None and (problem := _no_policy(plug_in)):
        return [problem]
    variants, options = _variants(plug_in), _options(plug_in)
    problems = []
    setters: dict[str, str] = dict.fromkeys(choice.options, "the options")
    for token in _tokens(choice):
        if token in TIMINGS:
            continue
        if token not in variants:
            problems.append(f"has no variant {token!r}: {_nearest(token, (*variants, *TIMINGS))}")
            continue
        for option in variants[token]:
            if option in setters:
                problems.append(f"{setters[option]} and @{token} both set {option!r}: leave one out")
            setters[option] = f"@{token}"
    for option, value in choice.options.items():
        if option in options:
            problems += _wrong_type(option, value, options[option])
        elif not _takes_any(plug_in):
            problems.append(f"has no option {option!r}: {_nearest(option, tuple(options))}")
    if set(TIMINGS) <= set(_tokens(choice)):
        problems.append("is both @batched and @online: choose one")
    return problems


def make(choice: PolicyChoice, team: Team, ontology: Ontology) -> Policy:
    """A fresh policy for one run. :raises PolicyError: naming every unknown name and the nearest known."""
    problems = _wrong_names(choice)
    if problems:
        raise PolicyError(choice, problems)
    try:
        return _build(choice, team, ontology)
    except (TypeError, ValueError) as error:
        raise PolicyError(choice, [str(error)]) from error


def refreshed(choice: PolicyChoice, team: Team, ontology: Ontology, before: Policy) -> Policy:
    """The policy once more is believed of the same team than before.

    A policy that remembers something offers ``updated(team)`` and returns what goes on from there (itself,
    if it likes); any other is made anew and remembers nothing. :raises PolicyError: as ``make``.
    """
    updated = getattr(before, "updated", None)
    return cast("Policy", updated(team)) if callable(updated) else make(choice, team, ontology)


def without_timing(choice: PolicyChoice) -> PolicyChoice:
    """The choice as the policy itself sees it."""
    return replace(choice, variant=JOIN.join(token for token in _tokens(choice) if token not in TIMINGS))


def _build(choice: PolicyChoice, team: Team, ontology: Ontology) -> Policy:
    plug_in = _plug_in(choice)
    options: dict[str, Option] = dict(choice.options)
    for token in _tokens(choice):
        options |= _variants(plug_in).get(token, {})
    return plug_in(team, ontology, **options)


@cache
def _team_of_one() -> Team:
    kind = Kind("CT", "Brain", "Head", "C71", "Nervous system neoplasm", "trial", 1.0, 1.0, 1.0, 0.25)
    someone = Radiologist("trial", "trial", frozenset({"CT"}), {"CT": 1.0}, ROUND_THE_CLOCK)
    return Team.of((someone,), (Profile(someone.ratings),), {"trial": 1.0}, (kind,))


@cache
def _default_ontology() -> Ontology:
    return Ontology.default()


def _tokens(choice: PolicyChoice) -> list[str]:
    return choice.variant.split(JOIN) if choice.variant else []


@cache
def _found() -> Mapping[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}


def _plug_in(choice: PolicyChoice) -> Callable[..., Policy]:
    """The class of a choice; :raises PlugInError: it is the user's own, and cannot be had from its file."""
    return load(choice.plug_in) if choice.plug_in is not None else _installed(choice.name)


@cache
def _installed(name: str) -> Callable[..., Policy]:
    return cast("Callable[..., Policy]", _found()[name].load())


def _variants(plug_in: Callable[..., Policy]) -> Mapping[str, Mapping[str, Option]]:
    return getattr(plug_in, "variants", {})


def _no_policy(plug_in: Callable[..., Policy]) -> str | None:
    """Why a class out of somebody's file cannot be a policy; None where nothing speaks against it."""
    if isinstance(plug_in, type) and (lacking := lacks_method(plug_in, "assign")):
        return lacking
    variants: object = _variants(plug_in)
    if not isinstance(variants, Mapping) or not all(isinstance(one, Mapping) for one in variants.values()):
        return "its 'variants' cannot be read: map each name to a mapping of options"
    try:
        inspect.signature(plug_in).bind_partial(None, None)
    except (TypeError, ValueError) as error:
        return (
            f"it cannot be made ({error}): it is called with team and ontology, and with options as keywords"
        )
    return None


def _options(plug_in: Callable[..., Policy]) -> Mapping[str, object]:
    """The options that a plug-in names, with their defaults."""
    parameters = inspect.signature(plug_in).parameters.values()
    return {one.name: one.default for one in parameters if one.kind is one.KEYWORD_ONLY}


def _takes_any(plug_in: Callable[..., Policy]) -> bool:
    parameters = inspect.signature(plug_in).parameters.values()
    return any(one.kind is one.VAR_KEYWORD for one in parameters)


def _wrong_type(option: str, value: Option, default: object) -> list[str]:
    """An option has the type of its default; without a default it may be anything."""
    for wanted, name in ((bool, "true or false"), (int | float, "a number"), (str, "a word")):
        if isinstance(default, wanted):
            numeric_flag = wanted is not bool and isinstance(value, bool)
            fits = isinstance(value, wanted) and not numeric_flag
            return [] if fits else [f"has option {option!r} = {value!r}: give {name}"]
    return []


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    have = f"it is one of {', '.join(known)}" if known else "there is none"
    return f"did you mean {close[0]!r}? ({have})" if close else have
