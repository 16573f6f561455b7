"""The wheel works outside the checkout: scenarios, schema and tables travel with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content, as pip would lay it down."""
    dist, target = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    return target


def simgrid(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    script = "import sys; from simgrid.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_installed_package_is_the_wheel(installed: Path, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    script = "import simgrid; print(simgrid.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()).is_relative_to(installed)
    assert (installed / "simgrid/scenarios/schema/scenario.schema.json").is_file()


def test_the_claims_travel_along(installed: Path, tmp_path: Path) -> None:
    assert (installed / "simgrid/paper/claims.yaml").read_bytes() == (ROOT / "paper/claims.yaml").read_bytes()
    values = "values/table-1.json"
    kept = (ROOT / "results/reference" / values).read_bytes()
    assert (installed / "simgrid/paper/reference" / values).read_bytes() == kept
    told = simgrid(installed, tmp_path, "reproduce", "--cached", "K2", "-o", "out")
    assert told.returncode == 0, told.stderr
    assert "(stored)" in told.stdout
    told = simgrid(installed, tmp_path, "reproduce", "K18", "-o", "out")
    assert told.returncode == 0, told.stderr
    assert "4738 + 1464" in told.stdout
    assert (tmp_path / "out/reproduce/verdicts-quick.html").is_file()


def test_validate_and_run_by_name(installed: Path, tmp_path: Path) -> None:
    checked = simgrid(installed, tmp_path, "validate", "paper/table-1")
    assert checked.returncode == 0, checked.stderr
    ran = simgrid(installed, tmp_path, "run", "paper/table-1", "--smoke", "-j", "1", "-o", "out")
    assert ran.returncode == 0, ran.stderr
    assert "rwoa" in ran.stdout
    assert list((tmp_path / "out").glob("*/summary.csv"))
