"""How many worlds a state gets: fewer where it lies far from every target, with the same error in all.

A state is looked at after 15 and 30 worlds (as far as twice as many are asked for), then after all. It gets
no more once every target is met or missed by bounds that err in 0.5 % of cases, each for itself. What the
early looks may err is taken from the last: together no verdict errs in more than 5 % of cases. Where a target
asks for so much that 30 flawless worlds could not show it met that surely, no look is spent on it, and it is
judged as met as if there had been one look. No state is left out, whatever theory says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import Target
from simgrid.domain.targets import fewest as fewest_of
from simgrid.planning.judging import CONFIDENCE, TIMES, Change, Judged, Sureness, compared
from simgrid.planning.observed import Runs, Values

LOOKS = (15, 30)
EARLY = 0.005
"""Of each word at an early look."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the first ``n`` worlds of a state say, against the deployed state in the same ones."""

    n: int
    values: Values
    targets: tuple[Judged, ...]
    changes: tuple[Change, ...]


def looks(targets: Sequence[Target], replications: int) -> tuple[int, ...]:
    """After how many worlds there is a look; without targets nothing can be decided before all."""
    return (*(n for n in LOOKS if targets and 2 * n <= replications), replications)


def sureness(target: Target, all_looks: Sequence[int], now: int) -> Sureness:
    """How sure each word must be at this look."""
    early = all_looks[:-1]
    if now in early:
        return Sureness(1 - EARLY, 1 - EARLY)
    could = sum(n >= fewest_of(target, 1 - EARLY) for n in early)
    return Sureness(CONFIDENCE + could * EARLY, CONFIDENCE + len(early) * EARLY)


def looked_at(
    runs: Runs,
    cells: Sequence[Scenario],
    targets: Sequence[Target],
    as_deployed: Values,
    told: Callable[[int, Sequence[Seen | None]], None] = lambda *_: None,
) -> list[Seen]:
    """Each cell with as many worlds as it takes; ``told`` hears after each look what is decided so far."""
    plan = looks(targets, as_deployed.replications)
    found: list[Seen | None] = [None] * len(cells)
    for n in plan:
        left = [place for place, one in enumerate(found) if one is None]
        sure = [sureness(one, plan, n) for one in targets]
        deployed = as_deployed.first(n)
        for place, values in zip(left, runs.of([cells[place] for place in left], n), strict=True):
            one = Seen(n, values, *compared(targets, values, deployed, sure))
            found[place] = one if n == plan[-1] or _settled(one, targets) else None
        told(n, found)
        if all(found):
            break
    return [one for one in found if one is not None]


def _settled(one: Seen, targets: Sequence[Target]) -> bool:
    """Every target is decided, by bounds that are an interval.

    A time is not met early where more studies than as deployed wait for ever.
    """
    if any(each.verdict == "cannot be told apart" or each.alike for each in one.targets):
        return False
    more_open = one.changes[-1].difference > 0
    times = [each for target, each in zip(targets, one.targets, strict=True) if target.unit in TIMES]
    return not (more_open and any(each.verdict == "met" for each in times))
