"""The answers of a study as JSON, one object a line: what a program reads from a pipe."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from simgrid.experiments.answers import Comparison, claimed, comparisons, summaries
from simgrid.experiments.study import Column, Study
from simgrid.presentation.precision import precision_line


def study_lines(study: Study, baseline: str | None = None) -> Iterator[str]:
    """Every row of the summary, the comparisons and the claims, named by ``table``; null where undefined.

    First, where the replications went on until the means were precise, how that ended.
    """
    if study.design.stopping is not None:
        yield precision_line(study.design.stopping)
    for row in summaries(study):
        numbers = {"mean": row.mean, "lo95": row.low, "hi95": row.high}
        yield _line(
            "summary", study, row.cell, row.column, {study.compared: row.policy, **numbers, "n": row.n}
        )
    for compared in comparisons(study, baseline):
        yield _line("comparisons", study, compared.cell, compared.column, _compared(compared, study.compared))
    for pair in claimed(study):
        said = {"claim": pair.number, **_compared(pair.comparison, study.compared), "note": pair.note}
        yield _line("claims", study, pair.comparison.cell, pair.comparison.column, said)


def _compared(row: Comparison, what: str) -> dict[str, object]:
    return {
        what: row.policy,
        "against": row.baseline,
        "difference": row.difference,
        "lo95": row.low,
        "hi95": row.high,
        "ratio": row.ratio,
        "n": row.n,
        "p_holm": row.p_holm,
        "role": row.role,
        "verdict": row.word,
        "lo_sim": row.low_all,
        "hi_sim": row.high_all,
        "ratio_lo95": row.ratio_low,
        "ratio_hi95": row.ratio_high,
        "pairing_gain": row.gain,
        "gain_lo95": row.gain_low,
        "gain_hi95": row.gain_high,
        "pairing": row.pairing,
    }


def _line(table: str, study: Study, cell: int, column: Column, values: dict[str, object]) -> str:
    point = dict(zip(study.design.sweep_columns, study.design.points[cell], strict=True))
    where = {"group": column.group, "metric": column.metric, "unit": column.unit}
    row = {"table": table, "swept": point, **where, **values}
    return json.dumps({name: defined(value) for name, value in row.items()}, ensure_ascii=False)


def defined(value: object) -> object:
    """The value, null where JSON has no word for it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
