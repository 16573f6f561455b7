"""A finished study's folder, whole: tables, comparison, figures and what was understood of its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simgrid.experiments.campaign import Campaign
from simgrid.experiments.results_folder import write_exhibits, write_results
from simgrid.experiments.study import Study
from simgrid.experiments.variance_split import Split, uncertainty_csv
from simgrid.experiments.workloads import ACCOUNT, describe, unused
from simgrid.presentation.blocks import as_markdown
from simgrid.presentation.figures import figure_files
from simgrid.presentation.tables import comparison_blocks
from simgrid.presentation.variance_split import split_blocks
from simgrid.scenario import Loaded


def write_finished(
    folder: Path, asked: Campaign, study: Study, loaded: Loaded, split: Sequence[Split] | None = None
) -> None:
    """Write everything but the runs; ``split``: the rows of a variance split, where one was asked for."""
    write_results(
        folder,
        asked,
        study,
        scenario_text=loaded.text,
        resolved_text=loaded.resolved_in(folder),
        uncertainty=None if split is None else uncertainty_csv(study, split),
    )
    blocks = comparison_blocks(study, in_full=True) + (split_blocks(study, split) if split else [])
    exhibits = {"comparison.md": as_markdown(blocks).encode()}
    if understood := describe(asked.cells[0]):
        exhibits[ACCOUNT] = "".join(f"{line}\n" for line in understood).encode()
    if listed := unused(asked.cells[0]):
        exhibits["unused-files.txt"] = "".join(f"{line}\n" for line in listed).encode()
    write_exhibits(folder, exhibits | figure_files(study))
