"""scenarios/real-dicom.yaml, end to end: offline, every file accounted for, bad folders refused in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgrid.dicom.errors import DicomFolderError
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments import assemble, workloads
from simgrid.scenario import load
from tests.unit.dicom_samples import PLANTED, dataset, write

FILE = Path(__file__).parents[2] / "scenarios" / "real-dicom.yaml"


def scenario(*overrides: str) -> Scenario:
    (cell,) = load(FILE, overrides).cells
    return cell


def test_it_runs_on_the_files_that_pydicom_ships() -> None:
    real = scenario()
    setting = assemble.setting_of(real, 0)
    readers = setting.team.eligible(setting.inspections.kind).sum(axis=1)
    assert readers.min() >= 2  # otherwise policies have nothing to decide
    assert len(np.unique(setting.inspections.size_bytes)) > 8
    lines = workloads.describe(real)
    seen, used, listed = (int(part.split()[0]) for part in lines[1].removeprefix("files: ").split(", "))
    assert seen == used + listed
    assert min(used, listed) > 0
    measured = assemble.run_once(real, PolicyChoice.parse("round-robin"), 0)
    values = {one.metric: one.value for one in measured if one.group == "all"}
    assert values["reported"] == len(setting.inspections) == 100


def test_it_runs_on_a_folder_of_ones_own(tmp_path: Path) -> None:
    for study in range(1, 4):
        write(dataset(study=str(study), NumberOfFrames=study), tmp_path / f"{study}.dcm")
    (tmp_path / "text.dcm").write_text("not DICOM")
    real = scenario(f"demand.dicom.folder={tmp_path}", "demand.dicom.sizes=files")
    drawn = assemble.setting_of(real, 0).inspections
    assert set(drawn.size_bytes) == {float((tmp_path / f"{n}.dcm").stat().st_size) for n in (1, 2, 3)}
    assert set(drawn.labels("modality")) == {"CT"}
    said = repr(drawn) + repr(workloads.describe(real))
    assert [word for word in PLANTED if word.lower() in said.lower()] == []


def test_an_empty_folder_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(DicomFolderError, match="is empty"):
        assemble.setting_of(scenario(f"demand.dicom.folder={tmp_path}"), 0)
