"""How the outage in the worst hour is said: what fails, from when, for how long, and how long it is felt."""

from __future__ import annotations

from math import isnan

from simgrid.domain.units import HOUR
from simgrid.planning.outage import Felt, Outage, Tried
from simgrid.planning.states import lasting

AS_WITHOUT = "no more studies wait than without the outage"


def outage_sentence(one: Outage) -> str:
    """What is down, from when and for how long, and how long after its return nobody feels it any more."""
    doubt = "" if _surely_felt(one) else " Whether studies wait longer for it at all cannot be told."
    if one.extra_backlog.mean == 0 and one.extra_wait_h.mean == 0:
        doubt = ""
    return f"{_failing(one)} {_back(one)}.{doubt}"


def _failing(one: Outage) -> str:
    with_it = ", with all its radiologists," if one.kind == "unit" else ""
    what = f"{one.kind} {one.what} down{with_it}"
    return f"The worst outage that was tried: {what} for {lasting(one.for_s)} from {one.at}."


def _back(one: Outage) -> str:
    back, worlds = one.recovery_h, one.recovery_h.n + one.never
    hours = f"{one.watched_s / HOUR:.4g} h"
    if one.watched_s <= 0:
        return "The run ends before it is over, so nothing is known of the time after"
    if one.extra_backlog.mean == 0 and not one.never:
        return f"No backlog builds up in any of {worlds} replications"
    if not back.n:
        return (
            f"In none of {worlds} replications is its backlog worked off when the run ends, {hours} after it "
            "is over: more studies wait than without the outage"
        )
    if one.never:
        return (
            f"In {back.n} of {worlds} replications {AS_WITHOUT} {in_hours(back)} after it is over; in the "
            f"other {one.never} more do even when the run ends, {hours} after it"
        )
    if back.mean == 0:
        return f"As soon as it is over {AS_WITHOUT}, in all {worlds} replications"
    return f"{_capital(in_hours(back))} after it is over {AS_WITHOUT}"


def _surely_felt(one: Outage) -> bool:
    extra = one.extra_wait_h
    return extra.low > 0 or extra.high < 0 or (extra.alike and extra.mean != 0)


def in_hours(one: Felt) -> str:
    """``on average 1.3 h (95 % interval 1.1 to 1.5 h)``; in words where there is no interval."""
    said = f"{one.mean:.1f} h"
    if one.alike:
        return f"{said} (the same in all {one.n})"
    if isnan(one.low):
        return f"{said} (no interval)"
    return f"on average {said} (95 % interval {one.low:.1f} to {one.high:.1f} h)"


def outage_notes(one: Outage) -> tuple[str, ...]:
    """How bad it is, and what worst means."""
    extra, backlog = one.extra_wait_h, one.extra_backlog
    return (
        f"All studies together wait {_signed(extra)} longer for their reports; at the worst moment "
        f"{_signed(backlog, unit='')} more studies wait than without it.",
        "Worst is the hour whose outage makes all studies together wait longest, in other worlds than those "
        f"of these figures, of: {'; '.join(map(_tried, one.tried))}.",
    )


def _signed(one: Felt, unit: str = " h") -> str:
    said = f"{one.mean:.1f}{unit}"
    if one.alike:
        return f"{said} (the same in all {one.n})"
    return f"{said} (no interval)" if isnan(one.low) else f"{said} [{one.low:.1f}, {one.high:.1f}]"


def _tried(one: Tried) -> str:
    cost = "" if isnan(one.extra_wait_h) else f" ({one.extra_wait_h:+.1f} h)"
    return f"{one.kind} {one.what} {one.at}{cost}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
