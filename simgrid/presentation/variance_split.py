"""How much of the spread between worlds the uncertain values make, in a table and in words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence

from simgrid.experiments.study import Study
from simgrid.experiments.variance_split import Split
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block

_NOTE = (
    "Each world was computed twice, with the same draws and other chance: 40 % [25, 53] says that "
    "40 % of the variance between worlds comes from the uncertain values (95 % interval 25 % to "
    "53 %) and the rest from chance. More replications narrow the interval of a mean, but the last "
    "column only as far as the share gets surer: between its ends the mean lies for 95 % of what the "
    "values may be, if such means are about normal, and by the upper end of the share."
)


def split_blocks(study: Study, rows: Sequence[Split]) -> list[Block]:
    """One table a metric; none where no metric is primary."""
    metrics = dict.fromkeys(row.metric for row in rows)
    blocks = [
        _block(study, metric, [row for row in rows if row.metric == metric], told=place == len(metrics))
        for place, metric in enumerate(metrics, start=1)
    ]
    if not blocks:
        blocks = [Block("Nothing to split: the scenario declares no primary metric that was measured")]
    return blocks


def _block(study: Study, metric: str, rows: Sequence[Split], *, told: bool) -> Block:
    decimals = wording.places(row.likely for row in rows)
    measure = f" [{wording.unit(metric)}]" if wording.unit(metric) else ""
    return Block(
        f"What the uncertain values make of the spread: {wording.title(metric)}{measure}",
        (
            "policy",
            *wording.sweep_headings(study),
            "share of the\nvariance",
            "mean",
            "mean for 95 %\nof the values",
        ),
        tuple(
            (
                f"{row.policy} - {row.baseline}" if row.baseline else row.policy,
                *study.design.points[row.cell],
                _share(row),
                "" if math.isnan(row.found.mean) else f"{row.found.mean:.{decimals}f}",
                _between(row, decimals),
            )
            for row in rows
        ),
        (_NOTE,) if told else (),
        keys=1 + len(study.design.sweep_columns),
    )


def _share(row: Split) -> str:
    found = row.found
    if math.isnan(found.share):
        return "nothing varies" if found.n > 1 else "too few"
    if math.isnan(found.low):
        return f"{100 * found.share:.0f} % (too few for an interval)"
    return f"{100 * found.share:.0f} % [{100 * found.low:.0f}, {100 * found.high:.0f}]"


def _between(row: Split, decimals: int) -> str:
    low, high = row.likely
    return "" if math.isnan(low) else f"{low:.{decimals}f} to {high:.{decimals}f}"


def split_lines(study: Study, rows: Sequence[Split]) -> Iterator[str]:
    """The rows as JSON, one object a line, named by ``table``; null where undefined."""
    for row in rows:
        found, (low, high) = row.found, row.likely
        numbers = {
            "share": found.share,
            "share_lo95": found.low,
            "share_hi95": found.high,
            "sd_uncertain": found.common_sd,
            "sd_chance": found.own_sd,
            "mean": found.mean,
            "mean_lo95": low,
            "mean_hi95": high,
        }
        point = dict(zip(study.design.sweep_columns, study.design.points[row.cell], strict=True))
        told = {
            "table": "uncertainty",
            "swept": point,
            "policy": row.policy,
            "baseline": row.baseline,
            "metric": row.metric,
            "unit": row.unit,
            **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
            "n": found.n,
        }
        yield json.dumps(told, ensure_ascii=False)
