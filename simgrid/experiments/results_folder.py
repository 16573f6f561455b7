"""The results folder: what a finished study leaves on disk, beside its runs and its exhibits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from simgrid.experiments import data_dictionary
from simgrid.experiments.answers import claimed, comparisons, summaries
from simgrid.experiments.atomic import clear_leftovers, write_bytes, write_text
from simgrid.experiments.campaign import Campaign
from simgrid.experiments.csv_files import claims_csv, comparisons_csv, replications_csv, summary_csv
from simgrid.experiments.identity import asked_digest
from simgrid.experiments.outdated import remove_outdated
from simgrid.experiments.provenance import manifest_text
from simgrid.experiments.study import STUDY_FILE, Study, study_text

PLAN_FILE, PLAN_PAGE, PLAN_TABLE = "plan.json", "plan.md", data_dictionary.PLAN.file
"""What ``simgrid plan`` leaves beside a study."""


def write_results(
    folder: Path,
    asked: Campaign,
    study: Study,
    *,
    scenario_text: str,
    resolved_text: str,
    uncertainty: str | None = None,
) -> None:
    """Write the scenario as given and as resolved, the manifest, the study and its tables.

    ``uncertainty``: the text of that table; without it one of an earlier command, which may have had other
    replications, is taken away, and so is a plan that was asked for otherwise, or a stress test of other
    targets. So is before that what killed writers left.
    """
    _remove_outdated(folder, asked_digest(asked.cells[0]))
    remove_outdated(folder, asked.cells[0])
    texts = {
        "summary.csv": summary_csv(study, summaries(study)),
        "comparisons.csv": comparisons_csv(study, comparisons(study)),
    }
    if study.design.claims:
        texts["claims.csv"] = claims_csv(study, claimed(study))
    if uncertainty is not None:
        texts[data_dictionary.UNCERTAINTY.file] = uncertainty
    else:
        (folder / data_dictionary.UNCERTAINTY.file).unlink(missing_ok=True)
    write_study(folder, asked, study, scenario_text=scenario_text, resolved_text=resolved_text, tables=texts)


def _remove_outdated(folder: Path, asked: str) -> None:
    """Take away a plan of other targets, prices or values: the folder is the same for all."""
    file = folder / PLAN_FILE
    try:
        same = json.loads(file.read_text(encoding="utf-8")).get("asked") == asked
    except FileNotFoundError:
        return
    except (ValueError, AttributeError):
        same = False
    if not same:
        for name in (PLAN_FILE, PLAN_PAGE, PLAN_TABLE):
            (folder / name).unlink(missing_ok=True)


def write_study(
    folder: Path,
    asked: Campaign,
    study: Study,
    *,
    scenario_text: str,
    resolved_text: str,
    tables: Mapping[str, str],
    crossed: tuple[str, ...] | None = None,
) -> None:
    """As ``write_results``, with these tables beside those of the replications.

    ``crossed``: of a sensitivity analysis. The data dictionary comes last and has the content of every table
    by its hash: whoever reads them sees whether they belong together.
    """
    for place in (folder, folder / "runs"):
        clear_leftovers(place)
    texts = {
        "scenario.yaml": scenario_text,
        "scenario-resolved.yaml": resolved_text,
        "manifest.json": manifest_text(asked),
        STUDY_FILE: study_text(study),
        **tables,
        "replications.csv": replications_csv(study),
    }
    texts[data_dictionary.FILE] = data_dictionary.datapackage(study, texts, crossed)
    for name, text in texts.items():
        write_text(folder / name, text)


def write_exhibits(folder: Path, exhibits: Mapping[str, bytes]) -> None:
    """Write tables and figures made elsewhere, by file name."""
    for name, content in exhibits.items():
        write_bytes(folder / name, content)
