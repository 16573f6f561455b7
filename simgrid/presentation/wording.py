"""How metrics, numbers and decisions are said, the same in every table and figure."""

from __future__ import annotations

import math

from simgrid.experiments.answers import Comparison, better
from simgrid.experiments.statistics import Word
from simgrid.metrics import METRICS

HEADLINE = ("subspecialty_success", "response_time_success", "workload_distance", "tat_mean_min")
UNDEFINED = "-"

_TITLES = {
    "response_time_success": "response-time success",
    "response_time_success_planned": "response-time success, planned",
    "response_time_success_literal": "response-time success, look-up",
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
}
_WORDS: tuple[Word, ...] = ("holds", "reversed", "cannot be told apart")
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


def mean_and_half(mean: float, low: float, high: float) -> str:
    """``0.873 ± 0.012``: the half-width to two digits, the mean to the same place."""
    if math.isnan(mean):
        return UNDEFINED
    half = (high - low) / 2
    if math.isnan(half):
        return f"{mean:.4g}"
    places = _places(half, mean)
    return f"{mean:.{places}f} ± {half:.{places}f}"


def short_number(mean: float, low: float, high: float) -> str:
    """The mean to the place of its half-width's second digit."""
    return mean_and_half(mean, low, high).partition(" ")[0]


def signed_interval(difference: float, low: float, high: float) -> str:
    """``+0.215 [+0.190, +0.240]``, every number to the same place."""
    if math.isnan(low):
        return f"{difference:+.4g}"
    places = _places((high - low) / 2, difference)
    return f"{difference:+.{places}f} [{low:+.{places}f}, {high:+.{places}f}]"


def change(ratio: float) -> str:
    """A ratio of means as a change: ``+43 %``; undefined ratios are said to be so."""
    return UNDEFINED if math.isnan(ratio) else f"{100 * (ratio - 1):+.0f} %"


def baseline_word(row: Comparison) -> str:
    """better, worse, or cannot be told apart."""
    return _BASELINE_WORDS[row.word]


def count_words(words: list[Word]) -> str:
    """``holds in 40, reversed in 3, cannot be told apart in 11 of 54 cells``."""
    said = ", ".join(f"{word} in {words.count(word)}" for word in _WORDS if word in words)
    return f"{said} of {len(words)} cells"


def _places(half: float, mean: float) -> int:
    scale = half if half > 0 else abs(mean) / 100
    if scale <= 0:
        return 3
    return min(max(1 - math.floor(math.log10(scale)), 0), 6)
