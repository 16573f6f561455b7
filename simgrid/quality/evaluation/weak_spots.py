"""Where the classifier fails, as its model card and its page say it: by source, modality and generator."""

from __future__ import annotations

from collections.abc import Sequence

from simgrid.quality.evaluation.scores import HEADS, Kept
from simgrid.quality.evaluation.tables import Row, by_group, by_name, left_out_kinds, second_generator


def rows_on_left_out(scores: Kept) -> list[Row]:
    """The rows that ``weak_spots`` speaks of."""
    return [
        *by_group(scores, "source", scores.source),
        *by_group(scores, "modality", scores.kind),
        *left_out_kinds(scores),
        *second_generator(scores),
    ]


def losses_table(rows: Sequence[Row]) -> str:
    """Markdown: AUC under the second generator and what is lost to the first, by defect."""
    found = by_name(list(rows))
    lines = [
        f"| {name} | {found['second generator', 'fused', name, 'AUC']} "
        f"| {found['second generator', 'fused', name, 'AUC lost']} |"
        for name in reversed(HEADS)
    ]
    head = "| defect | AUC, second generator | AUC lost [95 % interval] |\n| --- | --- | --- |\n"
    return head + "\n".join(lines)


def weak_spots(rows: Sequence[Row]) -> str:
    """A section of the model card: any defect by source, worst first, and by modality; losses by defect."""
    by_source = sorted(
        (row for row in rows if row.table == "source" and row.judge == "fused"),
        key=lambda row: row.estimate.value,
    )
    kinds = [row for row in rows if row.judge == "fused" and row.table in ("modality", "modality left out")]
    said = {"modality": "source left out", "modality left out": "whole modality left out"}
    sources = "\n".join(f"| {row.on} | {row.estimate} | {row.estimate.images} |" for row in by_source)
    modalities = "\n".join(f"| {row.on} | {said[row.table]} | {row.estimate} |" for row in kinds)
    return f"""## Where it fails

By sources left out of training, AUC of any defect, worst first. A single source has no interval.

| source | AUC | images |
| --- | --- | --- |
{sources}

| modality | weights that never saw | AUC [95 % interval] |
| --- | --- | --- |
{modalities}

Under the second generator, on the same sources left out:

{losses_table(rows)}

Sources of role `test` and `outside` are judged after training, by `simgrid qa evaluate`: the tables named
Test and Outside in `results/quality/tables.md` of the project.
"""
