"""A study's targets as a table, as lines of JSON and as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator

from simgrid.experiments.judged import CONFIDENCE, Judged, judged
from simgrid.experiments.study import Study
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block
from simgrid.presentation.json_lines import defined
from simgrid.presentation.target_words import bound, found, says, verdict


def target_block(study: Study) -> Iterator[Block]:
    """A line a cell, policy and target; nothing where there are no targets."""
    rows = list(judged(study))
    if not rows:
        return
    sweep = wording.sweep_headings(study)
    yield Block(
        f"Targets, each by its unfavourable one-sided {100 * CONFIDENCE:.0f} % bound over the replications",
        (study.compared, *sweep, "target", "mean", "bound", "verdict"),
        tuple(
            (
                row.policy,
                *study.design.points[row.cell],
                row.target.name,
                found(row.found.mean, row.target),
                bound(row.found.bound, row.target),
                verdict(row.found.met),
            )
            for row in rows
        ),
        tuple(f"{one.name}: {says(one)}." for one in study.design.targets),
        keys=2 + len(sweep),
    )


def target_lines(study: Study) -> Iterator[str]:
    """Each of them as one JSON object, ``table`` being targets."""
    for row in judged(study):
        yield json.dumps(
            {key: defined(value) for key, value in _line(row, study).items()}, ensure_ascii=False
        )


def _line(row: Judged, study: Study) -> dict[str, object]:
    return {
        "table": "targets",
        "swept": dict(zip(study.design.sweep_columns, study.design.points[row.cell], strict=True)),
        study.compared: row.policy,
        "target": row.target.name,
        "says": says(row.target),
        "unit": "1" if row.target.periods else row.target.unit,
        "mean": row.found.mean,
        "low": row.found.low,
        "high": row.found.high,
        "bound": row.found.bound,
        "verdict": row.found.met,
        "n": row.found.n,
    }
