"""What breaks first: each link, unit and radiologist away, the load up, the worst outage."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simgrid.presentation.board import saying
from simgrid.presentation.board.given import STRESS_FILE, as_written
from simgrid.presentation.board.judging import UNTOLD, Aim, Word
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.board.verdicts import answer_part, verdict_mark
from simgrid.presentation.html.elements import Html, Part, element, table

_KINDS = {
    "link": "Each link down",
    "unit": "Each reporting unit closed",
    "shard": "Each shard of the data centre lost",
    "radiologist": "Each radiologist absent",
}
_DIFFERENCES = (
    ("response_time_success", "Reported in time, points more", 100.0),
    ("tat_p95_min", "Turnaround, 95th percentile, min more", 1.0),
    ("open_at_end", "Never reported, more", 1.0),
)
MOST_PRINTED = 10


def breaking_section(stress: Mapping[str, Any] | None, aims: Sequence[Aim]) -> Iterator[Html]:
    """Nothing where no stress test was given."""
    if stress is None:
        return
    known = {aim.name: aim for aim in aims}
    parts: list[Part] = [note(one) for one in _said(stress)]
    names = [str(one["name"]) for one in stress.get("targets") or ()]
    whole = [("as deployed", *cells(stress.get("targets") or (), names, known))] if names else []
    columns = names or [title for _, title, _ in _DIFFERENCES]
    for kind, title in _KINDS.items():
        rows = [
            (str(one["name"]), *_measured(one, names, known))
            for one in _worst_first([one for one in stress.get("without") or () if one["kind"] == kind])
        ]
        if rows:
            parts.append(table(title, ("Without", *columns), [*whole, *rows], f"without-{kind}"))
    steps = [
        (f"{float(one['scale']) * 100:.6g} % of the load", *_measured(one, names, known))
        for one in stress.get("load") or ()
    ]
    if steps:
        parts.append(table("More work", ("Load", *columns), [*whole, *steps], "more-load"))
    yield section("stress", "What breaks first", *parts)


def bare_answer(stress: Mapping[str, Any] | None) -> Html:
    """The answer of a report that has no study and no plan: what breaks first, or nothing."""
    if stress is None:
        return answer_part("Nothing was measured that a report could tell.", UNTOLD, "")
    with as_written(STRESS_FILE):
        said = [*_said(stress)]
        return answer_part(said[0] if said else "Nothing was tried.", _word(stress), "")


def _word(stress: Mapping[str, Any]) -> Word:
    """Missed where something breaks a target; met only where every verdict there is says so."""
    tried = [*(stress.get("without") or ()), *(stress.get("load") or ())]
    if stress.get("first_miss") or any(one.get("breaks") for one in tried):
        return "missed"
    words = {word_of(each) for one in [stress, *tried] for each in one.get("targets") or ()}
    return "met" if words == {"met"} else UNTOLD


def _said(stress: Mapping[str, Any]) -> Iterator[str]:
    """The test's own answer where it has one."""
    if stress.get("answer"):
        yield str(stress["answer"])
        return
    miss = stress.get("first_miss")
    if miss:
        at = f"{float(miss['scale']) * 100:.6g} % of today's load"
        yield f"The first target missed as the load grows: {miss['target']}, at {at}."
    elif stress.get("load"):
        yield "No target was missed at any load that was tried."
    broken = [one for one in stress.get("without") or () if one.get("breaks")]
    if broken:
        names = ", ".join(f"{one['name']} ({one['kind']})" for one in broken[:MOST_PRINTED])
        more = f" and {len(broken) - MOST_PRINTED} more" if len(broken) > MOST_PRINTED else ""
        yield f"A target breaks without: {names}{more}."
    elif stress.get("without"):
        yield "Nothing that was taken away alone breaks a target."
    outage = stress.get("outage")
    if outage and outage.get("says"):
        yield str(outage["says"])


def _worst_first(without: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(
        without,
        key=lambda one: (-len(one.get("breaks") or ()), min((_mean(t) for t in one["targets"]), default=0.0)),
    )


def _measured(one: Mapping[str, Any], names: Sequence[str], known: Mapping[str, Aim]) -> Iterator[Part]:
    """The targets of a state, or where there are none what differs from the deployed one."""
    if names:
        yield from cells(one["targets"], names, known)
        return
    found = {str(change["metric"]): change for change in one.get("changes") or ()}
    for metric, _, factor in _DIFFERENCES:
        ends = [found.get(metric, {}).get(name) for name in ("difference", "low", "high")]
        mean, low, high = (math.nan if end is None else factor * float(end) for end in ends)
        span = "" if math.isnan(low) or math.isnan(high) else f" ({low:+.1f} to {high:+.1f})"
        yield "-" if math.isnan(mean) else f"{mean:+.1f}{span}"


def _mean(target: Mapping[str, Any]) -> float:
    return math.inf if target.get("mean") is None else float(target["mean"])


def cells(
    targets: Sequence[Mapping[str, Any]], names: Sequence[str], known: Mapping[str, Aim]
) -> Iterator[Part]:
    """One cell a name: what was measured of that target, and the word."""
    by_name = {str(one["name"]): one for one in targets}
    for name in names:
        one = by_name.get(name)
        yield (
            "-"
            if one is None
            else element("span", said_of(one, known.get(name)), " ", verdict_mark(word_of(one)))
        )


def said_of(target: Mapping[str, Any], aim: Aim | None) -> str:
    """``94.2 % (93.0 to 95.1 %)`` of a target as a command wrote it; one bound where it has one only.

    A target that is missed without a number is one of a time that never came.
    """
    mean, low, high = (
        math.nan if target.get(k) is None else float(target[k]) for k in ("mean", "low", "high")
    )
    if math.isnan(mean):
        return "never" if target.get("verdict") == "missed" else "not measured"
    share = aim.share if aim is not None else max(mean, 0 if math.isnan(high) else high) <= 1
    unit = " %" if share else (f" {aim.unit}" if aim and aim.unit else "")
    bound = aim.bound if aim else None
    said, least, most = saying.in_words(mean, low, high, share=share, unit="", bound=bound)
    if not math.isnan(low) and not math.isnan(high):
        return f"{said}{unit} ({least} to {most}{unit})"
    if not math.isnan(low):
        return f"{said}{unit} (at least {least}{unit})"
    return f"{said}{unit} (at most {most}{unit})" if not math.isnan(high) else f"{said}{unit} (no interval)"


def word_of(target: Mapping[str, Any]) -> Word:
    """The verdict as this report writes it."""
    said = target.get("verdict")
    return "met" if said == "met" else "missed" if said == "missed" else UNTOLD
