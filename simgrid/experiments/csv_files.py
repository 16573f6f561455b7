"""The result tables as CSV: fixed columns, ten significant digits, ``\\n`` line ends, empty if undefined."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator

from simgrid.experiments.answers import ClaimedPair, Comparison, Summary
from simgrid.experiments.study import Study

Row = Iterable[str]


def number(value: float) -> str:
    """Ten significant digits; empty for NaN, ``inf`` where infinite; never a negative zero."""
    return "" if math.isnan(value) else f"{value + 0.0:.10g}"


def summary_csv(study: Study, rows: Iterable[Summary]) -> str:
    """policy, <sweep columns>, group, metric, unit, mean, lo95, hi95, n."""
    header = (
        study.compared,
        *study.design.sweep_columns,
        "group",
        "metric",
        "unit",
        "mean",
        "lo95",
        "hi95",
        "n",
    )

    def lines() -> Iterator[Row]:
        for row in rows:
            at = (row.policy, *study.design.points[row.cell], row.column.group, row.column.metric)
            yield (*at, row.column.unit, number(row.mean), number(row.low), number(row.high), str(row.n))

    return csv_text(header, lines())


def comparisons_csv(study: Study, rows: Iterable[Comparison]) -> str:
    """policy, baseline, <sweep columns>, group, metric, unit, difference, lo95, hi95, ratio, n, p_holm, ...

    Then role, verdict, lo_sim, hi_sim, ratio_lo95, ratio_hi95, pairing_gain, gain_lo95, gain_hi95.
    """
    sweep = study.design.sweep_columns
    header = (
        study.compared,
        "baseline",
        *sweep,
        "group",
        "metric",
        "unit",
        *_DIFFERENCE,
        "ratio",
        "n",
        "p_holm",
        *("role", "verdict", "lo_sim", "hi_sim", "ratio_lo95", "ratio_hi95"),
        *("pairing_gain", "gain_lo95", "gain_hi95"),
    )

    def lines() -> Iterator[Row]:
        for row in rows:
            at = (row.policy, row.baseline, *study.design.points[row.cell], row.column.group)
            yield (
                *(*at, row.column.metric, row.column.unit),
                *(*_difference(row), number(row.ratio), str(row.n), number(row.p_holm), row.role, row.word),
                *map(number, (row.low_all, row.high_all, row.ratio_low, row.ratio_high)),
                *map(number, (row.gain, row.gain_low, row.gain_high)),
            )

    return csv_text(header, lines())


def claims_csv(study: Study, pairs: Iterable[ClaimedPair]) -> str:
    """claim, policy, against, <sweep>, metric, unit, difference, lo95, hi95, n, p_holm, verdict, note."""
    sweep = study.design.sweep_columns
    end = ("n", "p_holm", "verdict", "note")
    header = ("claim", "policy", "against", *sweep, "metric", "unit", *_DIFFERENCE, *end)

    def lines() -> Iterator[Row]:
        for pair in pairs:
            row = pair.comparison
            at = (str(pair.number), row.policy, row.baseline, *study.design.points[row.cell])
            yield (
                *(*at, row.column.metric, row.column.unit),
                *(*_difference(row), str(row.n), number(row.p_holm), row.word, pair.note),
            )

    return csv_text(header, lines())


def replications_csv(study: Study) -> str:
    """policy, <sweep columns>, replication, group, metric, unit, value, <drawn>: one measurement a row."""
    design = study.design
    drawn = tuple(one.place for one in design.drawn)
    header = ("policy", *design.sweep_columns, "replication", "group", "metric", "unit", "value", *drawn)
    names = [(column.group, column.metric, column.unit) for column in study.columns]

    def lines() -> Iterator[Row]:
        for cell, (point, by_policy) in enumerate(zip(design.points, study.values, strict=True)):
            for policy, by_replication in zip(design.policies, by_policy, strict=True):
                for replication, values in enumerate(by_replication.tolist()):
                    draws = [number(one.values[cell][replication]) for one in design.drawn]
                    at = (policy, *point, str(replication))
                    for name, value in zip(names, values, strict=True):
                        if not math.isnan(value):
                            yield (*at, *name, number(value), *draws)

    return csv_text(header, lines())


_DIFFERENCE = ("difference", "lo95", "hi95")


def _difference(row: Comparison) -> tuple[str, str, str]:
    return number(row.difference), number(row.low), number(row.high)


def csv_text(header: Row, lines: Iterable[Row]) -> str:
    """A header and its lines."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()
