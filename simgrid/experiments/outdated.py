"""A stress test of a scenario that has been changed since: noticed, and never told beside newer figures.

A results folder is the same for other targets or another ``stress`` block. ``stress.json`` has a digest of
what it is of; whoever reads it holds that against the scenario that lies beside it now.
"""

from __future__ import annotations

import json
from pathlib import Path

from simgrid.domain.scenario import Scenario
from simgrid.experiments.campaign import campaign
from simgrid.experiments.identity import tested_digest
from simgrid.experiments.installed import load_stored
from simgrid.experiments.kept import order_file
from simgrid.experiments.resimulation import RESOLVED_FILE

STRESS_FILE, STRESS_PAGE, STRESS_TABLE = "stress.json", "stress.md", "stress.csv"
STRESS_ORDER = order_file(STRESS_FILE)
"""What ``simgrid stress`` leaves beside a study."""


def is_outdated(folder: Path) -> bool:
    """Whether the folder's scenario is no longer the one that its stress test is of.

    False where there is no test, no scenario, or no digest to hold against it.

    :raises ScenarioInvalid: the scenario in the folder cannot be read.
    """
    file = folder / RESOLVED_FILE
    asked, _ = _asked(folder)
    if asked is None or not file.is_file():
        return False
    (cell,) = campaign(load_stored(file).cells[:1]).cells
    return not is_of(folder, cell)


def is_of(folder: Path, cell: Scenario) -> bool:
    """Whether the folder's stress test, if there is one, is of this cell as it is now."""
    asked, label = _asked(folder)
    return asked is None or asked == tested_digest(cell, label)


def remove_outdated(folder: Path, cell: Scenario) -> bool:
    """Take away a stress test that is not of this cell as it is now; whether there was one."""
    if is_of(folder, cell):
        return False
    for name in (STRESS_FILE, STRESS_PAGE, STRESS_TABLE, STRESS_ORDER):
        (folder / name).unlink(missing_ok=True)
    return True


def _asked(folder: Path) -> tuple[str | None, str]:
    """The digest that a test was noted with, and its policy; empty where the file is damaged."""
    try:
        told = json.loads((folder / STRESS_FILE).read_text(encoding="utf-8"))
        asked = told.get("asked")
        return (None if asked is None else str(asked)), str(told.get("policy"))
    except FileNotFoundError:
        return None, ""
    except (ValueError, AttributeError):
        return "", ""
