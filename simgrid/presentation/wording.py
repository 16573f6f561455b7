"""How metrics, numbers and decisions are said, the same in every table and figure."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable

from simgrid.experiments.answers import Comparison, better
from simgrid.experiments.study import POLICY, Study
from simgrid.metrics import METRICS
from simgrid.statistics.decisions import Word

HEADLINE = ("subspecialty_success", "response_time_success", "workload_distance", "tat_mean_min")
UNDEFINED = "-"
HEADING_WIDTH = 14
MOST_TIMES = 1000

_TITLES = {
    "response_time_success": "response-time success",
    "response_time_success_planned": "response-time success, planned",
    "response_time_success_literal": "response-time success, look-up",
    "response_time_success_in_hours": "response-time success, in hours",
    "workload_distance": "workload distance D",
    "workload_success": "workload success (eq. 10)",
    "tat_mean_min": "mean turnaround",
    "tat_in_hours_mean_min": "mean turnaround in hours",
    "tat_p50_min": "median turnaround",
    "tat_p95_min": "turnaround, 95th percentile",
    "tat_max_min": "longest turnaround",
    "lookup_total_min": "look-up reading, total",
    "response_total_h": "response, total",
    "transfer_mean_min": "mean transfer",
    "wait_mean_min": "mean wait",
    "reading_mean_min": "mean reading",
    "load_cv": "load variation",
    "load_max_ratio": "largest load / limit",
    "stall_share": "share that stood still",
    "stall_mean_min": "mean standstill",
    "first_image_p95_s": "first image, 95th percentile",
    "recovery_min": "recovery after a fault",
    "sent_gb": "sent",
    "stored_max_gb": "stored at most",
}
WORDS: tuple[Word, ...] = ("holds", "reversed", "cannot be told apart")
_BASELINE_WORDS = {"holds": "better", "reversed": "worse", "cannot be told apart": "cannot be told apart"}


def title(metric: str) -> str:
    """The metric's name in plain words."""
    return _TITLES.get(metric, metric.replace("_", " "))


def unit(metric: str) -> str:
    """The metric's unit; empty for a share or a ratio."""
    known = METRICS[metric].unit if metric in METRICS else ""
    return "" if known == "1" else known


def arrow(metric: str) -> str:
    """Which way is better: ↑, ↓ or nothing."""
    return {"higher": "↑", "lower": "↓", "neither": ""}[better(metric)]


def direction(metric: str) -> str:
    """Which way is better, in words."""
    return {"higher": "more is better", "lower": "less is better", "neither": "neither way is better"}[
        better(metric)
    ]


def headline_metrics(primary: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a comparison table: the usual four, then whatever else the scenario calls primary."""
    return tuple(dict.fromkeys((*HEADLINE, *primary)))


def told_metrics(study: Study) -> tuple[str, ...]:
    """What a comparison tells: of policies the headline, along another axis the primary metrics alone."""
    primary = study.design.primary
    return primary if primary and study.compared != POLICY else headline_metrics(primary)


def heading(metric: str) -> str:
    """The metric over its unit and arrow, in a column's width."""
    lines = textwrap.wrap(title(metric), HEADING_WIDTH)
    return "\n".join([*lines, f"{unit(metric)} {arrow(metric)}".strip()])


def sweep_headings(study: Study) -> tuple[str, ...]:
    """The swept columns as headings: the shortest endings that tell them apart, broken at their dots."""
    wrapped = (textwrap.wrap(name.replace(".", ". "), HEADING_WIDTH) for name in short_names(study))
    return tuple("\n".join(line.strip() for line in lines) for lines in wrapped)


def short_names(study: Study) -> tuple[str, ...]:
    """``bandwidth`` for ``units.main.link.bandwidth``, or as many parts as tell the columns apart."""
    columns = [name.split(".") for name in study.design.sweep_columns]
    for parts in range(1, max((len(one) for one in columns), default=0) + 1):
        short = [".".join(one[-parts:]) for one in columns]
        if len(set(short)) == len(columns):
            return tuple(short)
    return study.design.sweep_columns


def places(bounds: Iterable[tuple[float, float]], most: int = 4) -> int:
    """Decimals that suit a whole column of intervals, so that its numbers stand under each other.

    The widest interval's half-width shows two digits and the narrowest at least one, within ``most``.
    """
    halves = [(high - low) / 2 for low, high in bounds if high - low > 0]
    if not halves:
        return 3
    wanted = max(_digit(max(halves)) + 1, _digit(min(halves)))
    return min(max(wanted, 0), most)


def mean_and_half(
    mean: float, low: float, high: float, decimals: int, n: int = 0, *, share: bool = False
) -> str:
    """``0.873 ± 0.012``; ``0.873 (5 alike)`` where all n are the same, which tells nothing of the next one.

    A ``share`` is not rounded to none or all, ``>0.999``, and no interval to a point, ``± <0.001``.
    """
    if math.isnan(mean):
        return UNDEFINED
    half, step = max(high - mean, mean - low), 10.0**-decimals
    said = decimal(mean, decimals, share=share)
    if math.isnan(half):
        return said
    if low == high:
        return f"{said} ({n} alike)"
    return f"{said} ± {half:.{decimals}f}" if half >= step / 2 else f"{said} ± <{step:.{decimals}f}"


def decimal(value: float, decimals: int, *, share: bool = False) -> str:
    """A number with so many decimals; a ``share`` that rounds to all is ``>0.999``, to none ``<0.001``."""
    step = 10.0**-decimals
    if share and 0.0 < value < step / 2:
        return f"<{step:.{decimals}f}"
    if share and 1.0 - step / 2 <= value <= 1.0:
        return f">{1.0 - step:.{decimals}f}"
    return f"{value:.{decimals}f}"


def signed_interval(difference: float, low: float, high: float, decimals: int) -> str:
    """``+0.215 [+0.190, +0.240]``."""
    said = f"{difference:+.{decimals}f}"
    return said if math.isnan(low) else f"{said} [{low:+.{decimals}f}, {high:+.{decimals}f}]"


def difference(row: Comparison, low: float, high: float, decimals: int) -> str:
    """``signed_interval`` of bounds of the row; in words where all replications have the same difference."""
    if low != high:
        return signed_interval(row.difference, low, high, decimals)
    return f"none in all {row.n}" if row.difference == 0 else f"{row.difference:+.{decimals}f} in all {row.n}"


def alike_says(n: int) -> str:
    """What the same difference in all n replications leaves open: shares up to 1 - 0.05^(1/n) at 95 %."""
    share = math.ceil(100 * (1 - 0.05 ** (1 / n)))
    return (
        f"in all {n}: every replication has this same difference. That is no certainty: with 95 % confidence "
        f"up to {share} % of all such replications may have another."
    )


def change(ratio: float) -> str:
    """A ratio of means as a change: ``+43 %``; ``-`` where the ratio is undefined."""
    if math.isnan(ratio):
        return UNDEFINED
    percent = round(100 * (ratio - 1))
    return f"{percent:+d} %" if percent else "0 %"


def change_interval(low: float, high: float) -> str:
    """Two ratios as changes, with as many decimals, up to three, as it takes to tell them apart."""
    if math.isnan(low) or math.isnan(high):
        return f"{change(low)} to {change(high)}"
    ends = (f"{change(low)}", f"{change(high)}")
    for digits in range(1, 4):
        if ends[0] != ends[1]:
            break
        ends = (f"{100 * (low - 1):+.{digits}f} %", f"{100 * (high - 1):+.{digits}f} %")
    return f"{ends[0]} to {ends[1]}"


def times(gain: float) -> str:
    """A gain of pairing with the digits that it deserves: ``1.16``, ``24.3``, ``over 1000``, ``no limit``."""
    if math.isinf(gain):
        return "no limit"
    if gain > MOST_TIMES:
        return f"over {MOST_TIMES}"
    return UNDEFINED if math.isnan(gain) else f"{gain:.{2 if gain < 10 else 1 if gain < 100 else 0}f}"


def baseline_word(row: Comparison) -> str:
    """better, worse, or cannot be told apart."""
    return _BASELINE_WORDS[row.word]


def count_words(words: list[Word]) -> str:
    """``holds in 40, reversed in 3, cannot be told apart in 11 of 54 cells``."""
    said = ", ".join(f"{word} in {words.count(word)}" for word in WORDS if word in words)
    return f"{said} of {len(words)} cells"


def _digit(half: float) -> int:
    """The decimal place of the first digit."""
    return -math.floor(math.log10(half))
