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
MOST_PRINTED = 10


def breaking_section(stress: Mapping[str, Any] | None, aims: Sequence[Aim]) -> Iterator[Html]:
    """Nothing where no stress test was given."""
    if stress is None:
        return
    known = {aim.name: aim for aim in aims}
    parts: list[Part] = [note(one) for one in _said(stress)]
    names = [str(one["name"]) for one in stress.get("targets") or ()]
    whole = [("as deployed", *cells(stress.get("targets") or (), names, known))]
    for kind, title in _KINDS.items():
        rows = [
            (str(one["name"]), *cells(one["targets"], names, known))
            for one in _worst_first([one for one in stress.get("without") or () if one["kind"] == kind])
        ]
        if rows:
            parts.append(table(title, ("Without", *names), [*whole, *rows], f"without-{kind}"))
    steps = [
        (f"{float(one['scale']) * 100:.6g} % of the load", *cells(one["targets"], names, known))
        for one in stress.get("load") or ()
    ]
    if steps:
        parts.append(table("More work", ("Load", *names), [*whole, *steps], "more-load"))
    yield section("stress", "What breaks first", *parts)


def bare_answer(stress: Mapping[str, Any] | None) -> Html:
    """The answer of a report that has no study and no plan: what breaks first, or nothing."""
    if stress is None:
        return answer_part("Nothing was measured that a report could tell.", UNTOLD, "")
    with as_written(STRESS_FILE):
        said = [*_said(stress)]
        alone = any(one.get("breaks") for one in stress.get("without") or ())
        broken = alone or stress.get("first_miss")
        return answer_part(said[0] if said else "Nothing was tried.", "missed" if broken else "met", "")


def _said(stress: Mapping[str, Any]) -> Iterator[str]:
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
        without, key=lambda one: (-len(one.get("breaks") or ()), min(_mean(t) for t in one["targets"]))
    )


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
    """``94.2 % (93.0 to 95.1 %)`` of a target as a command wrote it; one bound where it has one only."""
    mean, low, high = (
        math.nan if target.get(k) is None else float(target[k]) for k in ("mean", "low", "high")
    )
    if math.isnan(mean):
        return "not measured"
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
