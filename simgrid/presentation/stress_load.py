"""How a heavier load is said: by what was really added, for a run has whole studies."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.planning.loading import Load, Loads

APART = 0.01
"""By so much what was asked for and what was really added may differ before both are said."""


def load_sentence(loads: Loads, replications: int) -> str:
    """How much the load may grow, which growth misses a target, and what cannot be told.

    ``replications``: those of the deployed state.
    """
    if not loads.steps:
        return "The load is not raised: a target is missed already."
    tested = loads.tested
    if not tested:
        return (
            f"How much the load may grow was not tested: up to +{_percent(loads.end)} no step adds a study "
            f"to the {_studies(loads.steps[0].deployed)} of a run; a longer horizon or load_to tells."
        )
    if loads.holds_to >= tested[-1].scale:
        return f"The load may grow by {_grown(tested[-1])}; more was not tried."
    first = loads.first_miss
    at = f"at +{_grown(loads.at(first[0]))} {first[1]} is missed" if first is not None else ""
    return "; ".join(part for part in (_begin(loads, replications), at, _between(loads)) if part) + "."


def _begin(loads: Loads, replications: int) -> str:
    if loads.holds_to > 1:
        return f"The load may grow by {_grown(loads.at(loads.holds_to))}"
    if loads.holds_to == 1:
        return "No larger load has been shown to meet every target"
    return (
        f"These {replications} replications leave today's load in doubt, so they cannot show that a larger "
        "one may come"
    )


def _between(loads: Loads) -> str:
    """The loads that add something, from the first in doubt to the last before the sure miss."""
    missed = loads.first_miss[0] if loads.first_miss is not None else loads.end + 1
    between = [one for one in loads.tested if max(loads.holds_to, 1) < one.scale < missed]
    doubtful = [one for one in between if not one.holds]
    if not doubtful:
        return ""
    last = f"+{_percent(doubtful[-1].scale)}"
    held = [f"+{_percent(one.scale)}" for one in between if one.holds and one.scale < doubtful[-1].scale]
    apart = f", but for {' and '.join(held)}" if held else ""
    if loads.holds_to <= 1:
        return f"up to {last} it cannot be told{apart}"
    first = f"+{_percent(doubtful[0].scale)}"
    return f"{first if len(doubtful) == 1 else f'{first} to {last}'} cannot be told{apart}"


def _grown(one: Load) -> str:
    """``35 %``; with what it really is where that is something else."""
    asked = _percent(one.scale)
    if abs(one.grown - (one.scale - 1)) <= APART:
        return asked
    now, more = _studies(one.deployed), _studies(one.deployed + one.added)
    return f"{asked} (really {100 * one.grown:.0f} %: {more} studies a run, not {now})"


def added(one: Load) -> str:
    """What a step really added, for its row: ``+2 (+10.0 %)``."""
    if not one.tests and not one.added:
        return "none"
    return f"+{_studies(one.added)} (+{100 * one.grown:.1f} %)"


def load_notes(loads: Loads) -> Iterator[str]:
    """Why the steps end, and which of them tested nothing."""
    if loads.first_miss is not None:
        yield "The first load that surely misses a target ends the steps."
    else:
        yield f"Steps end at +{_percent(loads.end)}."
    yield (
        "Added: studies more than as deployed, mean over the replications that were run. A run has whole "
        "studies; a step that adds none to the step before tests nothing and counts for nothing."
    )


def _percent(scale: float) -> str:
    return f"{100 * (scale - 1):.0f} %"


def _studies(count: float) -> str:
    return f"{count:.0f}" if float(count).is_integer() else f"{count:.1f}"
