"""The STRESS-DES checklist: every item of the guideline, filled from a results folder alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.presentation.stress_des import NOT_RUN, execution, stress_des
from simgrid.scenario import load

ITEMS = (
    *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5"),
    *("3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1"),
)


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def items(text: str) -> dict[str, str]:
    """What is said of each item."""
    parts = re.split(r"^\*\*([\d.]+) .*?\.\*\* ", text, flags=re.MULTILINE)
    return {
        number: " ".join(said.partition("\n## ")[0].split())
        for number, said in zip(parts[1::2], parts[2::2], strict=True)
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("stress")
    done = simgrid("run", "tiny/one-unit", "-r", "2", "-j", "1", "-o", parent, "--set", "seed=7")
    assert done.exit_code == 0, done.output
    (made,) = parent.iterdir()
    return made


def test_it_is_filled_from_the_folder_alone(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "out" / "stress.md"
    done = simgrid("export", folder, "--format", "stress-des", "-o", file)
    assert (done.exit_code, done.stdout) == (0, f"{file}\n"), done.output
    said = items(file.read_text())
    assert tuple(said) == ITEMS
    assert all(said.values())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert "2 replications." in said["4.3"]
    assert f"Python {manifest['python']}; model version {manifest['model_version']}" in said["5.1"]
    assert "the seed (7)" in said["5.2"]
    assert manifest["platform"] in said["5.4"]
    assert all(digest in said["3.2"] for digest in manifest["inputs_sha256"].values())
    assert (
        "1 site with 1 scanner; 1 reporting unit: `desk` with 2 workstations and 20 GB; 2 radiologists"
        in said["2.5.3"]
    )
    assert said["2.5.5"].startswith("Exactly 12 inspections, requested within 2 h.")
    assert "| `horizon` | assumed | a morning's first hours |" in said["3.4"]
    assert simgrid("export", folder, "--format", "stress-des", "-o", file).exit_code == 2
    assert simgrid("export", folder, "--format", "stress-des", "-o", file, "--force").exit_code == 0


@pytest.mark.parametrize(
    "more", [["--policy", "rwoa"], ["--replication", "0"], ["--at", "seed=1"]], ids=" ".join
)
def test_it_is_of_the_whole_study(folder: Path, tmp_path: Path, more: list[str]) -> None:
    done = simgrid("export", folder, "--format", "stress-des", "-o", tmp_path / "x.md", *more)
    assert done.exit_code == 2
    assert "a checklist is of the whole study" in done.stderr
    assert not (tmp_path / "x.md").exists()


@pytest.mark.parametrize(
    ("manifest", "said"), [(None, "no manifest.json"), ("{}", "no manifest of a study"), ("[", "")]
)
def test_what_is_no_results_folder_is_told(tmp_path: Path, manifest: str | None, said: str) -> None:
    (tmp_path / "scenario-resolved.yaml").write_text("title: x\n")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    done = simgrid("export", tmp_path, "--format", "stress-des", "-o", tmp_path / "x.md")
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "x.md").exists()


def test_stages_sweeps_and_claims_are_told() -> None:
    stage = items(stress_des(load("paper/stage-2").cells, None))
    assert "mined from a stage simulated in the same worlds" in stage["3.2"]
    assert "by share of the practice, what is usual weighing 5 readings" in stage["3.2"]
    assert "- `rwoa` better than `manual` in `tat_mean_min`" in stage["1.3"]
    assert stage["5.1"].startswith(NOT_RUN)
    loaded = load("paper/prediction-pool")
    assert f"{len(loaded.cells)} cells: variant = pool-3; " in items(stress_des(loaded.cells, None))["2.3"]
    archive = items(stress_des(load("tiny/one-unit", ("warmup=90 min",)).cells, None))
    assert "requested in the first 90 min is simulated and not measured" in archive["4.1"]


def test_a_manifest_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="no manifest of a study"):
        execution('{"replications": 1}')
