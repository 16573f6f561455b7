"""``simgrid doctor``: a healthy installation passes, and each kind of illness is named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import simgrid
from simgrid.cli import installation
from simgrid.cli.doctor import doctor
from simgrid.cli.installation import Finding, accepted, examine, name_is_ours, write_access

OURS = str(Path(simgrid.__file__).parents[1])


def test_this_installation_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(doctor)
    assert result.exit_code == 0, result.output
    assert result.output.endswith("everything works\n")
    subjects = {finding.subject for finding in examine()}
    assert {"python", "packages", "policies", "solver", "figures", "write access"} <= subjects
    assert list(tmp_path.iterdir()) == []


def test_another_simgrid_that_comes_first_shadows_ours(tmp_path: Path) -> None:
    (tmp_path / "simgrid.py").write_text("Engine = None\n")
    shadowed = name_is_ours([str(tmp_path), OURS])
    assert not shadowed.ok
    assert str(tmp_path / "simgrid.py") in shadowed.said
    assert "INRIA's SimGrid" in shadowed.said
    beside = name_is_ours([OURS, str(tmp_path)])
    assert beside.ok
    assert "beside this one" in beside.said
    assert "environment of its own" in beside.way_out


def test_a_distribution_called_simgrid_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nothing shadows it" in name_is_ours([OURS]).said
    info = tmp_path / "simgrid-4.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: simgrid\nVersion: 4.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "beside this one (a distribution called simgrid)" in name_is_ours([OURS]).said


def test_an_illness_is_named_and_ends_with_4(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Finding:
        raise RuntimeError("the library is gone")

    monkeypatch.setattr(installation, "solver", broken)
    monkeypatch.setattr(sys, "version_info", (3, 9, 1, "final", 0))
    result = CliRunner().invoke(doctor)
    assert result.exit_code == 4
    assert "FAIL  python: 3.9.1" in result.output
    assert "RuntimeError: the library is gone" in result.output
    assert "ok    policies" in result.output
    lines = [json.loads(line) for line in CliRunner().invoke(doctor, ["--json"]).stdout.splitlines()]
    assert [one["ok"] for one in lines].count(False) == 2


def test_a_missing_or_old_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["click>=99.1", "no-such-package>=1", "numpy>=1,<1000", 'pytest>=99; extra == "test"']
    monkeypatch.setattr(installation.metadata, "requires", lambda _: wanted)
    found = installation.packages()
    assert not found.ok
    assert "click is " in found.said
    assert "asked for is >=99.1; no-such-package is missing" in found.said
    assert "numpy" not in found.said
    assert "pytest" not in found.said


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("3.10.1", ">=3.9", True),
        ("3.9", ">=3.10", False),
        ("4.0.0", ">=3.0,<4", False),
        ("2.9rc1", ">=2.9", True),
        ("2.13.0", "==2.13.0", True),
        ("2.13.1", "==2.13.0", False),
        ("1", "", True),
    ],
)
def test_versions_are_compared_by_number(version: str, bounds: str, fits: bool) -> None:
    assert accepted(version, bounds) is fits


def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation.Path, "cwd", lambda: Path("/proc"))
    found = write_access()
    assert not found.ok
    assert "/proc" in found.said
