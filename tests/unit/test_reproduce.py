"""``simgrid reproduce`` from claims file to exit code, on a Table 1 of three worlds."""

from __future__ import annotations

import csv
import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.parallel import Progress
from simgrid.reproduction import experiments, reproduce
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import SCHEMA, compute, stored
from simgrid.reproduction.experiments import Experiment, Worlds
from simgrid.reproduction.same_journals import SAME_JOURNAL
from simgrid.reproduction.verdict_table import COLUMNS
from tests.reproduction.expectations import filled

FEW = Worlds("table-1", "paper/table-1", quick=3, full=4, cpu_s=1.0, overrides=("demand.count=20",))


@pytest.fixture
def cut_down(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A Table 1 of a few worlds; what is expected of the real one is expected of nobody."""
    claims = tmp_path_factory.mktemp("claims") / "claims.yaml"
    claims.write_text(filled(shipped_claims().read_text(encoding="utf-8"), {}), encoding="utf-8")
    monkeypatch.setattr("simgrid.reproduction.claims_file.shipped_claims", lambda: claims)
    known = dict(experiments.EXPERIMENTS) | {"table-1": Experiment(FEW)}
    monkeypatch.setattr("simgrid.reproduction.parts.EXPERIMENTS", known)


def simgrid(output: Path, *arguments: str) -> Result:
    asked = ["reproduce", *arguments, "-j", "1", "-o", str(output)]
    return CliRunner().invoke(cli, asked, env={"COLUMNS": "160"})


def records(output: Path, way: str = "quick") -> dict[str, dict[str, str]]:
    with (output / "reproduce" / f"verdicts-{way}.csv").open(newline="", encoding="utf-8") as file:
        return {f"{row['claim']} {row['part']}".strip(): row for row in csv.DictReader(file)}


def claims_with(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the claims with one line of K3 another."""
    text = filled(shipped_claims().read_text(encoding="utf-8"), {})
    head, name, tail = text.partition("  K3:\n")
    assert old in tail.partition("  K4:\n")[0]
    file = tmp_path / f"claims-{len(new)}.yaml"
    file.write_text(head + name + tail.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.usefixtures("cut_down")
def test_expected_verdicts_give_0_and_a_flipped_tolerance_1(tmp_path: Path) -> None:
    out = tmp_path / "out"
    band = "band: {below: 0}\n"
    expecting = claims_with(tmp_path, band, f"{band}    expect: within\n")
    first = simgrid(out, "table-1", "--claims", str(expecting))
    assert first.exit_code == 0, first.output
    assert records(out)["K3"]["verdict"] == records(out)["K3"]["expected"] == "within"
    assert "none other than expected" in first.stdout
    assert records(out)["K1"]["expected"] == ""
    flipped = claims_with(tmp_path, band, "band: {below: -9}\n    expect: within\n")
    again = simgrid(out, "table-1", "--claims", str(flipped))
    assert again.exit_code == 1
    assert "table-1: all runs are stored" in again.stderr
    assert (records(out)["K3"]["verdict"], records(out)["K3"]["changed"]) == ("differs", "yes")
    assert "differs *" in again.stdout
    assert "1 other than expected (*)" in again.stdout
    assert "differs *" in (out / "reproduce/verdicts-quick.html").read_text(encoding="utf-8")
    # The same band, seen without simulating anything.
    kept = simgrid(out, "--cached", "K3", "--claims", str(flipped))
    assert kept.exit_code == 1
    row, computed = records(out, "cached")["K3"], records(out)["K3"]
    assert row == computed | {"stored": "yes"}


@pytest.mark.usefixtures("cut_down")
def test_one_claim_alone_has_the_verdict_that_it_has_among_its_experiment(tmp_path: Path) -> None:
    assert simgrid(tmp_path, "table-1").exit_code == 0
    whole = records(tmp_path)
    assert list(whole) == ["K1", "K2", "K3"]
    assert simgrid(tmp_path, "K2").exit_code == 0
    assert records(tmp_path) == {"K2": whole["K2"]}


@pytest.mark.usefixtures("cut_down")
def test_results_are_believed_while_the_same_runs_would_be_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert simgrid(tmp_path, "table-1", "--full").exit_code == 0
    assert "about 1 minute with 1 worker" in simgrid(tmp_path / "new", "K1", "--full").stderr
    file = tmp_path / "reproduce/values/table-1.json"
    full = file.read_bytes()
    assert simgrid(tmp_path, "table-1").exit_code == 0  # fewer worlds do not replace more of them
    assert file.read_bytes() == full
    found = stored(FEW, tmp_path)
    assert found is not None
    assert found.worlds == 4
    assert stored(replace(FEW, overrides=("demand.count=21",)), tmp_path) is None
    told = json.loads(full)
    edited = json.loads(full)
    metric, by_arm = next(iter(edited["values"].items()))
    by_arm[next(iter(by_arm))][0] = 0.987
    assert edited["values"][metric] != told["values"][metric]
    other = (
        json.dumps(told | {"worlds": 5}),
        json.dumps(told | {"schema": SCHEMA + 1}),
        json.dumps({key: value for key, value in told.items() if key != "checksum"}),
        json.dumps(edited),
    )
    for damage in ('{"schema": 1', *other, "[]", "[" * 100_000):
        file.write_text(damage, encoding="utf-8")
        assert stored(FEW, tmp_path) is None
    file.write_bytes(full)
    monkeypatch.setattr("simgrid.experiments.identity.MODEL_VERSION", -1)
    assert stored(FEW, tmp_path) is None


def test_nothing_stored_is_nothing_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgrid.reproduction.evidence.reference_folder", lambda: tmp_path / "none")
    done = simgrid(tmp_path, "--cached")
    assert done.exit_code == 1, done.output
    rows = records(tmp_path, "cached")
    assert {name for name, row in rows.items() if row["verdict"] != "not run"} == {"K17", "K18"}
    assert "no stored result" in rows["K12"]["why"]
    assert "18 claims, 36 verdicts" in done.stdout
    assert not (tmp_path / "reproduce/values").exists()


def test_what_this_folder_has_comes_before_the_reference_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch(runs: int, of: str) -> AbstractContextManager[Progress]:
        return nullcontext(lambda done: None)

    elsewhere, here = tmp_path / "elsewhere", tmp_path / "here"
    worlds = replace(FEW, overrides=("demand.count=12",))
    monkeypatch.setattr("simgrid.reproduction.evidence.reference_folder", lambda: elsewhere / "reproduce")
    compute(worlds, 2, ("workload_distance", "load_gini"), elsewhere, 1, watch)
    found = stored(worlds, here, ("load_gini",))
    assert found is not None
    assert found.worlds == 2
    compute(worlds, 1, ("workload_distance",), here, 1, watch)
    own, other = stored(worlds, here, ("workload_distance",)), stored(worlds, here, ("load_gini",))
    assert own is not None
    assert other is not None
    assert (own.worlds, other.worlds) == (1, 2)
    assert stored(worlds, here, ("tat_mean_min",)) is None


def test_the_csv_of_what_needs_no_world(tmp_path: Path) -> None:
    assert simgrid(tmp_path, "K17", "K18").exit_code == 0
    text = (tmp_path / "reproduce/verdicts-quick.csv").read_text(encoding="utf-8")
    assert text == (
        ",".join(COLUMNS) + "\n"
        'K17,,discussion,"reporting and maintenance cost less, reports and treatment are better",'
        ",,,,,,,,,,cannot,cannot,no,no,the study gives no figures\n"
        "K18,,abstract,6225 manually assigned inspections,6225,6202,,,,,,,,,differs,differs,no,no,"
        "stage-1 and stage-2: 4738 + 1464\n"
    )


@pytest.mark.parametrize(
    ("items", "worlds"),
    [
        (["K4"], {"stage-2", "stage-2-cell"}),
        (["K5"], {"stage-2", "stage-2-shares"}),
        (["K6"], {"stage-2"}),
        (["K4-K7"], {"stage-2", "stage-2-cell", "stage-2-shares"}),
        (["K1"], {"table-1"}),
        (["stage-2"], {"stage-2", "stage-2-cell", "stage-2-shares"}),
        (["figure-4"], {"stage-2"}),
        (["table-1-full"], {"table-1-full"}),
        (["K17", "figure-2"], set()),
    ],
)
def test_what_is_named_needs_its_own_worlds_only(items: list[str], worlds: set[str]) -> None:
    asked = reproduce.ask(read_claims(shipped_claims()), items)
    assert {one.name for one in asked.worlds} == worlds


def test_a_claim_alone_loses_no_metric_of_its_worlds() -> None:
    claims = read_claims(shipped_claims())
    whole, alone = reproduce.ask(claims, ["stage-2"]), reproduce.ask(claims, ["K6"])
    (stage_2,) = alone.worlds
    assert set(alone.metrics(stage_2)) == set(whole.metrics(stage_2))


def test_claims_of_another_file_come_without_the_worlds_of_exhibits() -> None:
    claims = read_claims(shipped_claims())
    own = reproduce.ask(claims, (), all_exhibits=False)
    whole = reproduce.ask(claims, ())
    assert own.shown == whole.shown
    beside = {one.name for one in whole.worlds} - {one.name for one in own.worlds}
    assert beside >= {"table-1-full", "frontier", "map-chief", "sensitivity"}
    assert "figure-4" in {one.name for one in own.exhibits}


def test_json_has_a_line_a_finding_and_then_the_page(tmp_path: Path) -> None:
    done = simgrid(tmp_path, "K17", "K18", "--json")
    cannot, differs, last = (json.loads(line) for line in done.stdout.splitlines())
    assert (cannot["verdict"], differs["verdict"]) == ("cannot", "differs")
    assert Path(last["page"]).is_file()


def test_an_unknown_item_is_named(tmp_path: Path) -> None:
    done = simgrid(tmp_path, "K99", "stage-3")
    assert done.exit_code == 2
    assert "'K99' is no claim, no experiment and no exhibit" in done.stderr
    assert "did you mean 'stage-2'?" in done.stderr or "did you mean 'stage-1'?" in done.stderr


@pytest.mark.usefixtures("cut_down")
def test_what_a_claim_names_and_its_worlds_do_not_have_is_told_before_they_are_computed(
    tmp_path: Path,
) -> None:
    told = {}
    for number, (old, new) in enumerate(
        [("policy: rwoa", "policy: rwao"), ("experiment: table-1", "experiment: table-2")]
    ):
        done = simgrid(tmp_path, "K3", "--claims", str(claims_with(tmp_path, old, new)))
        assert done.exit_code == 2, done.output
        told[number] = done.stderr
    assert told[0] == "error: K3: the worlds of table-1 have no 'rwao'; did you mean 'rwoa'?\n"
    assert told[1] == "error: K3: there is no experiment 'table-2'; did you mean 'table-1'?\n"
    reading = "band: {below: 0}\n    readings: {literal: as printed}\n"
    done = simgrid(tmp_path, "--claims", str(claims_with(tmp_path, "band: {below: 0}\n", reading)))
    assert (done.exit_code, "table-1 has no reading 'literal'" in done.stderr) == (2, True)
    assert not (tmp_path / "reproduce").exists()
    assert simgrid(tmp_path, "K3").exit_code == 0
    seen = simgrid(tmp_path, "--cached", "K3", "--claims", str(claims_with(tmp_path, "rbsm", "rsbm")))
    assert (seen.exit_code, seen.stderr) == (2, told[0].replace("rwao", "rsbm").replace("rwoa", "rbsm"))


def test_a_hostile_claim_is_inert_on_the_page(tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    name = "<img src=x onerror=alert(1)>"
    file.write_text(f"claims:\n  '{name}': {{place: ['\"><script>'], says: '</table>'}}\n", encoding="utf-8")
    assert simgrid(tmp_path, "--claims", str(file)).exit_code == 0
    page = (tmp_path / "reproduce/verdicts-quick.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "<script" not in page
    assert page.count("</table>") == 2
    assert len(page.encode()) < 20_000


def test_journals_are_compared_event_by_event(tmp_path: Path) -> None:
    def same(*overrides: str) -> dict[str, list[float]]:
        worlds = Worlds("journals", "tiny/one-unit", 2, 2, 1.0, overrides, "journals")
        found = compute(worlds, 2, (), tmp_path, 1, lambda runs, of: nullcontext(lambda done: None))
        assert stored(worlds, tmp_path) is not None
        return {policy: row.tolist() for policy, row in found.values[SAME_JOURNAL].items()}

    assert same("radiologists.ben=null") == {one: [1, 1] for one in ("rwoa", "rbsm", "round-robin", "manual")}
    assert not all(same()["round-robin"])


def test_minutes_are_those_of_what_is_missing() -> None:
    assert reproduce.minutes_said(49.2, 2) == "about 25 minutes with 2 workers"
    assert reproduce.minutes_said(0.4, 1) == "about 1 minute with 1 worker"


def test_worlds_on_which_no_claim_rests_are_computed_where_they_are_named() -> None:
    asked = reproduce.ask(read_claims(shipped_claims()), ())
    left_out = {one.name for one in asked.left_out()}
    assert {"frontier", "sensitivity", "map-slack"} <= left_out
    assert not left_out & {"stage-2", "stage-2-cell", "solver-behaviour", "archive"}
    for one in asked.worlds:
        assert bool(asked.count(one, "full")) == (one.name not in left_out)
        assert asked.count(one, "cached") == 0
    named = reproduce.ask(read_claims(shipped_claims()), ("map-slack",))
    assert not named.left_out()
    assert [named.count(one, "full") for one in named.worlds] == [6]
