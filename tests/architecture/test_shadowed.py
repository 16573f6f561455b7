"""The installed command says in plain words that another simgrid shadows ours, however it was installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = 4


@pytest.fixture(scope="module", params=["wheel", "editable"])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment in which pip has installed the project."""
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    here = folder / "bin/python"
    editable = ["-e"] if request.param == "editable" else []
    install = [
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--ignore-installed",
        *editable,
        str(ROOT),
    ]
    environment = _environment() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([str(here), "-m", "pip", *install], check=True, capture_output=True, env=environment)
    return here


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _shadow(folder: Path, kind: str) -> Path:
    """Another simgrid in the folder, whose import would end in an error of its own."""
    file = folder / ("simgrid.py" if kind == "module" else "simgrid/__init__.py")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("raise SystemError('the other simgrid was imported')\n")
    return file


def _run(command: list[str], cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = _environment() | more
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _said(found: subprocess.CompletedProcess[str], file: Path) -> None:
    assert found.returncode == ENVIRONMENT, found.stderr
    assert found.stdout == ""
    assert f"error: {file}\n" in found.stderr
    for words in (
        "INRIA's SimGrid",
        "virtual environment of its own",
        "unset PYTHONPATH",
        "leave that folder",
    ):
        assert words in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("kind", ["module", "package"])
def test_another_simgrid_on_the_path_is_named(python: Path, tmp_path: Path, kind: str) -> None:
    file = _shadow(tmp_path / "other", kind)
    command = [str(python.parent / "simgrid"), "doctor"]
    _said(_run(command, tmp_path, PYTHONPATH=str(tmp_path / "other")), file)


@pytest.mark.parametrize("kind", ["module", "package"])
def test_another_simgrid_in_the_folder_is_named(python: Path, tmp_path: Path, kind: str) -> None:
    file = _shadow(tmp_path, kind)
    _said(_run([str(python), "-m", "simgrid_telerad", "validate", "paper/table-1"], tmp_path), file)


def test_without_another_the_command_runs(python: Path, tmp_path: Path) -> None:
    for command in ([str(python.parent / "simgrid")], [str(python), "-m", "simgrid_telerad"]):
        found = _run([*command, "--version"], tmp_path)
        assert found.returncode == 0, found.stderr
        assert found.stdout.startswith("simgrid, version ")
    (tmp_path / "simgrid").mkdir()  # a folder of results is no package
    assert _run([str(python), "-m", "simgrid_telerad", "--version"], tmp_path).returncode == 0


def test_another_checkout_of_ours_is_no_stranger(python: Path, tmp_path: Path) -> None:
    (tmp_path / "simgrid").symlink_to(ROOT / "simgrid")
    found = _run([str(python.parent / "simgrid"), "--version"], tmp_path, PYTHONPATH=str(tmp_path))
    assert found.returncode == 0, found.stderr
