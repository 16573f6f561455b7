"""The reference runs hold, say what they were made from, and give the committed verdicts byte for byte."""

from __future__ import annotations

import csv
import platform
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import kept
from simgrid.reproduction.experiments import EXPERIMENTS, Worlds
from simgrid.reproduction.reference import reference_folder
from tests.reproduction.expectations import expected, filled
from tests.reproduction.keep import every_experiment, read_manifest, verdicts

ROOT = Path(__file__).parents[2]
HERE = ROOT / "results/reference"


@cache
def experiments() -> dict[str, Worlds]:
    return {one.name: one for one in every_experiment()}


def stored_names() -> list[str]:
    return sorted(file.stem for file in (HERE / "values").iterdir())


def test_every_experiment_is_kept() -> None:
    assert set(stored_names()) == set(experiments())


def test_the_reference_of_a_checkout_is_in_results() -> None:
    assert reference_folder() == HERE
    assert "table-1" in stored_names()


@pytest.mark.parametrize("name", stored_names())
def test_values_are_those_of_the_runs_of_today(name: str) -> None:
    worlds = experiments()[name]
    found = kept(worlds, HERE)
    assert found is not None, f"{name} is stale: simgrid reproduce --full, then tests.reproduction.keep"
    assert found.worlds == worlds.full
    told = read_manifest(HERE)["experiments"][name]
    assert (told["scenario"], told["overrides"]) == (worlds.scenario, list(worlds.overrides))
    assert told["worlds"] == found.worlds
    assert re.fullmatch("[0-9a-f]{40}", told["commit"])


def test_the_manifest_tells_of_what_is_kept_and_of_nothing_else() -> None:
    assert sorted(read_manifest(HERE)["experiments"]) == stored_names()


def test_the_committed_verdicts_are_those_of_the_values() -> None:
    assert (HERE / "verdicts-full.csv").read_text(encoding="utf-8") == verdicts()


def test_cached_shows_them_where_nothing_was_computed(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["reproduce", "--cached", "table-1", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    with (tmp_path / "reproduce/verdicts-cached.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["claim"], row["worlds"], row["stored"]) for row in rows] == [
        (claim, "200", "yes") for claim in ("K1", "K2", "K3")
    ]


def test_no_machine_and_no_place_is_named() -> None:
    names = [platform.node(), r"/(?:tmp|home|root|work|Users)/", r"[A-Z]:\\\\"]
    known = re.compile("|".join([re.escape(names[0]) + r"[-.\"]" if names[0] else "(?!)", *names[1:]]))
    for file in HERE.rglob("*"):
        if file.suffix in (".json", ".csv", ".md"):
            assert not known.search(file.read_text(encoding="utf-8")), file


def test_the_reference_is_committed() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    ignored = subprocess.run(
        ["git", "-C", str(ROOT), "check-ignore", "-q", "results/reference/values/table-1.json"], check=False
    )
    assert ignored.returncode == 1
    other = subprocess.run(["git", "-C", str(ROOT), "check-ignore", "-q", "results/table-1-0"], check=False)
    assert other.returncode == 0


def test_what_is_expected_is_what_the_reference_runs_say() -> None:
    """In few worlds as in all of them: --quick and --full exit with 0 wherever the runs come out the same."""
    file = shipped_claims()
    text = file.read_text(encoding="utf-8")
    assert filled(text, expected(read_claims(file))) == text, "python -m tests.reproduction.expectations"
    assert "".join(re.findall("^    expect: .*\n", text, re.MULTILINE)).count("within") >= 3


def claims_of(tmp_path: Path, old: str, new: str) -> Path:
    text = shipped_claims().read_text(encoding="utf-8")
    assert text.count(old) == 1
    file = tmp_path / "claims.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("claim", "old", "new", "verdict"),
    [
        (
            "K4",
            "band: {around: 13.25 %, within: 3.3125 %}",
            "band: {around: 13.25 %, within: 1 %}",
            "differs",
        ),
        ("K6", "band: {around: 120 %, within: 30 %}", "band: {around: 120 %, within: 130 %}", "within"),
        (
            "K11",
            "the other cells]}\n    band: {above: 0}",
            "the other cells]}\n    band: {above: 9}",
            "differs",
        ),
    ],
)
def test_a_changed_tolerance_flips_the_verdict_and_the_exit_code(
    tmp_path: Path, claim: str, old: str, new: str, verdict: str
) -> None:
    arguments = ["reproduce", "--cached", claim, "-o", str(tmp_path)]
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    flipped = CliRunner().invoke(cli, [*arguments, "--claims", str(claims_of(tmp_path, old, new))])
    assert flipped.exit_code == 1, flipped.output
    assert f"{verdict} * (stored)" in flipped.stdout


def test_a_changed_default_flips_the_verdict_and_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K3 in few worlds, then with limits and deadlines so far off that RWOA decides as RBSM does."""
    table_1 = EXPERIMENTS["table-1"]

    def verdict(*changed: str) -> tuple[int, str]:
        worlds = replace(table_1.worlds, quick=8, overrides=changed)
        known = dict(EXPERIMENTS) | {"table-1": replace(table_1, worlds=worlds)}
        monkeypatch.setattr("simgrid.reproduction.parts.EXPERIMENTS", known)
        done = CliRunner().invoke(cli, ["reproduce", "K3", "-j", "1", "-o", str(tmp_path)])
        with (tmp_path / "reproduce/verdicts-quick.csv").open(encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
        return done.exit_code, row["changed"]

    assert verdict() == (0, "no")
    late = "demand.required={urgent: 20 d, routine: 20 d}"
    assert verdict("workload_limit.slack=99", late) == (1, "yes")
