"""The findings as text: one row each, in the words and digits that screen, CSV and page share."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence

from simgrid.experiments.csv_files import number
from simgrid.metrics import METRICS
from simgrid.presentation.blocks import Block, as_text
from simgrid.presentation.wording import UNDEFINED, places
from simgrid.reproduction.claims import Claim, Word
from simgrid.reproduction.finding import Finding

STAR = "*"
HEADINGS = ("claim", "paper", "ours [95 %]", "verdict", "expected", "single worlds", "place")
COLUMNS = (
    *("claim", "part", "place", "says", "paper", "ours", "lo95", "hi95", "unit", "against", "worlds"),
    *("single_lo", "single_hi", "percentile", "verdict", "expected", "changed", "stored", "why"),
)
_SHARES = ("gain", "reduction", "share", "trend", "joint")
"""Measures that are told in per cent."""


def screen(found: Sequence[Finding], width: int) -> str:
    """The table for a terminal, what stands behind some of the verdicts, and one last line."""
    rows = tuple(cells(one) for one in found)
    behind: dict[str, list[str]] = {}
    for one in found:
        if one.why:
            behind.setdefault(one.why, []).append(label(one))
    notes = [f"{', '.join(names)}: {why}" for why, names in behind.items()]
    blocks = [
        Block("The study's claims, and ours", HEADINGS, rows),
        Block("", notes=tuple(notes)),
        Block(summed_up(found)),
    ]
    return as_text([one for one in blocks if one.title or one.notes], width)


def cells(one: Finding) -> tuple[str, ...]:
    """One row of ``HEADINGS``."""
    verdicts = (verdict(one), one.expected or UNDEFINED)
    return (label(one), stated(one), ours(one), *verdicts, singles(one), "; ".join(one.claim.place))


def label(one: Finding) -> str:
    """``K4 practice``."""
    return f"{one.claim.name} {one.part}".strip()


def stated(one: Finding) -> str:
    """What the study states: its value, or the direction of an ordering."""
    claim = one.claim
    if claim.values:
        return "; ".join(f"{value:.0f}" for value in claim.values.values())
    if claim.value is not None:
        return f"{100 * claim.value:+.4g} %" if _in_percent(one) else f"{claim.value:.0f}"
    if claim.quantity is None:
        return UNDEFINED
    if _of_others(claim):
        return "all of them"
    band = claim.band(_metric(one))
    if band is None:
        return UNDEFINED
    if band.low == band.high:
        return "no difference" if band.low == 0 else f"{band.low:g}"
    return f"above {band.low:g}" if math.isinf(band.high) else f"below {band.high:g}"


def ours(one: Finding) -> str:
    """Our mean with its interval, or what was counted."""
    if one.counts:
        return "; ".join(f"{value:.0f}" for _, value in one.counts)
    if one.interval is None:
        return UNDEFINED
    scale, unit = _scale(one)
    mean, low, high = (scale * value for value in (one.interval.mean, one.interval.low, one.interval.high))
    digits = places([(low, high)]) if math.isfinite(high - low) else 2
    bounds = f" [{low:+.{digits}f}, {high:+.{digits}f}]" if not math.isnan(low) else ""
    against = f" against {one.against}" if one.against else ""
    return f"{mean:+.{digits}f}{bounds}{unit}{against}"


def singles(one: Finding) -> str:
    """The range of single worlds and the percentile of the stated value in it."""
    if one.singles is None:
        return ""
    low, high = 100 * one.singles.low, 100 * one.singles.high
    return f"{low:+.1f} to {high:+.1f} %, paper at percentile {one.singles.percentile:.3g}"


def verdict(one: Finding) -> str:
    """The verdict, with a star where it is another than the expected one, and whether it was stored."""
    return f"{one.verdict}{' ' + STAR if one.changed else ''}{' (stored)' if one.stored else ''}"


def summed_up(found: Sequence[Finding]) -> str:
    """How many claims, verdicts of each kind, and changes there are."""
    counts: dict[Word, int] = {}
    for one in found:
        counts[one.verdict] = counts.get(one.verdict, 0) + 1
    claims = len({one.claim.name for one in found if not _of_others(one.claim)})
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    changed = sum(one.changed for one in found)
    awaited = sum(one.expected is not None for one in found)
    last = f"{changed} other than expected ({STAR})" if changed else "none other than expected"
    last = last if awaited else "no verdict is expected yet"
    return f"{claims} claims, {len(found)} verdicts: {told}; {last}."


def as_csv(found: Sequence[Finding]) -> str:
    """All findings, shares as shares, empty where undefined."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_record(one).values() for one in found)
    return out.getvalue()


def json_lines(found: Sequence[Finding]) -> Iterator[str]:
    """The same, one object a line."""
    for one in found:
        yield json.dumps(_record(one), ensure_ascii=False)


def _record(one: Finding) -> dict[str, str]:
    claim, interval, range_ = one.claim, one.interval, one.singles
    values = ", ".join(f"{name} {number(value)}" for name, value in claim.values.items())
    counts = ", ".join(f"{name} {number(value)}".strip() for name, value in one.counts)
    told = (
        *(claim.name, one.part, "; ".join(claim.place), claim.says),
        values or ("" if claim.value is None else number(claim.value)),
        counts or (number(interval.mean) if interval else ""),
        *((number(interval.low), number(interval.high)) if interval else ("", "")),
        *(_unit(one), one.against, str(one.worlds) if one.worlds else ""),
        *((number(range_.low), number(range_.high), number(range_.percentile)) if range_ else ("", "", "")),
        *(
            one.verdict,
            one.expected or "",
            "yes" if one.changed else "no",
            "yes" if one.stored else "no",
            one.why,
        ),
    )
    return dict(zip(COLUMNS, told, strict=True))


def _of_others(claim: Claim) -> bool:
    """Whether it is no claim of its own but several at once."""
    return claim.quantity is not None and claim.quantity.measure == "joint"


def _in_percent(one: Finding) -> bool:
    return one.claim.quantity is not None and one.claim.quantity.measure in _SHARES


def _scale(one: Finding) -> tuple[float, str]:
    if _in_percent(one):
        measure = one.claim.quantity.measure if one.claim.quantity else ""
        return 100.0, {"share": " points", "trend": " points", "joint": " % of worlds"}.get(measure, " %")
    unit = _unit(one)
    return 1.0, f" {unit}" if unit else ""


def _unit(one: Finding) -> str:
    """The unit of a difference; empty for shares and ratios."""
    known = METRICS.get(_metric(one))
    return "" if known is None or known.unit == "1" or _in_percent(one) else known.unit


def _metric(one: Finding) -> str:
    """The metric of a finding: the claim's only one, or that in the part's name."""
    metrics = one.claim.quantity.metrics if one.claim.quantity else ()
    named = one.part.rpartition(", ")[2]
    return named if named in metrics else metrics[0] if metrics else ""
