"""A stress test of a world whose weak points are known by hand: one desk reads all, a unit and a site idle.

Eight of ten studies are MR, which only solo reads; twins read the two CT; nobody ever asks the unit 'idle' or
the site 'far' for anything. Every study is requested within two hours, read in three minutes, and has four.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import HOUR
from simgrid.experiments import assemble
from simgrid.experiments.identity import cell_digest
from simgrid.planning.busiest import traffic
from simgrid.planning.recovery import recovery_h
from simgrid.planning.states import heavier, states
from simgrid.scenario import load
from tests.journals import journal, row

HAND = """
extends: tiny/one-unit
horizon: 2 h
give_up_after: 12 h
policies: [rwoa]
demand:
  count: 10
  urgent: 0 %
  required: {urgent: 4 h, routine: 4 h}
  mix: {modalities: null, counts: {CT: 2, MR: 8}, body_parts: [Brain], icd10: [C71]}
reading_time: {any: null, CT: {constant: 3 min}, MR: {constant: 3 min}}
spread: {speed: 0, estimate_error: 0}
sites: SITES
units:
  idle: {link: {bandwidth: 20 Mbit/s}, storage: 20 GB, workstations: 2, monitor: 5 MP}
  desk: {workstations: 4}
radiologists:
  ada: null
  ben: null
  solo: {unit: desk, reads: [MR], hours: always, ratings: {MR: 5, Brain: 5}}
  twin: {count: 2, unit: desk, reads: [CT], hours: always, ratings: {CT: 5, Brain: 5}}
  other: {unit: idle, reads: [DX], hours: always, ratings: {DX: 5, Brain: 5}}
targets: {most: {of: all, within: required, share: 60 %}}
stress: {down: 8 h, load_to: 1.1}
"""
CLINIC = "clinic: {link: {bandwidth: 10 Mbit/s}, demand: {share: 100 %}}"
FAR = "far: {link: {bandwidth: 10 Mbit/s}, demand: {share: 0 %}}"


@pytest.fixture
def hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return written(tmp_path / "hand.yaml")


def written(file: Path, sites: Sequence[str] = (CLINIC, FAR)) -> Path:
    file.write_text(HAND.replace("SITES", f"{{{', '.join(sites)}}}"), encoding="utf-8")
    return file


def stress(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["stress", "hand.yaml", "-r", "6", "-j", "1", *arguments])


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The whole test, made once."""
    folder = tmp_path_factory.mktemp("stress")
    arguments = [str(written(folder / "hand.yaml")), "-r", "6", "-j", "1", "--json", "-o", str(folder)]
    return facts(CliRunner().invoke(cli, ["stress", *arguments]))


def facts(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[0])
    return found


def broken(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["kind"], one["name"]) for one in found["without"] if one["breaks"]}


BROKEN = {
    ("link", "clinic"),
    ("link", "data-centre"),
    ("link", "desk"),
    ("unit", "desk"),
    ("radiologist", "solo"),
}


def test_what_breaks_is_what_must_and_nothing_else(tested: dict[str, Any]) -> None:
    found = tested
    assert broken(found) == BROKEN
    assert not any(one["in_doubt"] for one in found["without"])
    shares = {(one["kind"], one["name"]): one["targets"][0]["mean"] for one in found["without"]}
    assert shares["radiologist", "solo"] == pytest.approx(0.2)  # the two CT are read
    assert shares["link", "desk"] == shares["unit", "desk"] == 0.0
    assert {shares[one] for one in shares if one not in BROKEN} == {1.0}
    assert found["answer"].startswith(
        "Links clinic, data-centre and desk down each break most; any one other link may fail for 8 h. "
        "The targets are those of all sites together: a site whose link fails waits all the same; "
        "a target with 'of: site=far' asks for one site alone. "
        "Unit desk gone breaks most; unit idle may be missing. "
        "Radiologist solo away breaks most; any one other radiologist may be ill. "
        "The load may grow by 10 %; more was not tried."
    )
    (twins,) = (one for one in found["without"] if one["name"] == "twin")
    assert twins["alike"] == ["twin-1", "twin-2"]
    orders = [one["targets"][0]["mean"] for one in found["without"]]
    assert orders == sorted(orders)  # the worst first
    assert found["first_miss"] is None
    assert [one["scale"] for one in found["load"]] == [1.05, 1.1]


def test_the_order_of_sites_breaks_nothing_else(hand: Path, tested: dict[str, Any]) -> None:
    one = tested
    written(hand, (FAR, CLINIC))
    other = facts(stress("--json"))
    assert broken(one) == broken(other) == BROKEN
    assert one["outage"]["what"] == other["outage"]["what"] == "clinic"
    assert one["answer"].partition("The worst outage")[0] == other["answer"].partition("The worst outage")[0]


def test_what_nobody_uses_changes_no_number(tested: dict[str, Any]) -> None:
    unused = {("link", "far"), ("link", "idle"), ("unit", "idle"), ("radiologist", "other")}
    seen = set()
    for one in tested["without"]:
        if (one["kind"], one["name"]) in unused:
            seen.add((one["kind"], one["name"]))
            assert {change["difference"] for change in one["changes"]} == {0.0}
    assert seen == unused


def test_the_outage_is_felt_as_long_as_the_backlog_says(tested: dict[str, Any]) -> None:
    """Four hours from the first minute: what was asked for in them is sent and read when the link is back."""
    outage = tested["outage"]
    assert (outage["at"], outage["for_h"], outage["never"]) == ("Mon 2026-01-05 08:00", 4.0, 0)
    assert 10 * 3 / 60 / 3 < outage["recovery_h"] < 4.0  # three cannot read them sooner
    assert outage["alike"]
    assert outage["low"] is outage["high"] is None  # the last report is as late in every world
    assert outage["extra_backlog"] == 10
    assert outage["extra_low"] > 10 * 2  # each of ten waits two hours longer at least


def test_the_same_bytes_for_any_workers_and_nothing_twice(
    hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {}
    for jobs in ("1", "2"):
        result = CliRunner().invoke(cli, ["stress", "hand.yaml", "-r", "2", "-j", jobs, "-o", jobs])
        assert result.exit_code == 0, result.output
        (folder,) = Path(jobs).iterdir()
        whole[jobs] = {
            str(file.relative_to(folder)): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file() and "receipts" not in file.parts
        }
    assert whole["1"] == whole["2"]
    assert {"stress.json", "stress.md"} <= set(whole["1"])

    def none(*_: Any) -> None:
        raise AssertionError("everything is stored")

    monkeypatch.setattr(assemble, "run", none)
    again = CliRunner().invoke(cli, ["stress", "hand.yaml", "-r", "2", "-j", "1", "-o", "1"])
    assert again.exit_code == 0, again.output
    run = CliRunner().invoke(cli, ["run", "hand.yaml", "-r", "2", "-j", "1", "-o", "1"])  # as deployed
    assert run.exit_code == 0, run.output


def test_killed_and_begun_again_it_computes_the_rest_only(
    hand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended from outside at several places: what is finished counts, and the answer is that of one go."""
    text = stress("-r", "3", "-o", "one-go").stdout
    real, done = assemble.run, []

    def ends(*arguments: Any, **named: Any) -> Any:
        if len(done) in (7, 20, 33):
            done.append(None)
            raise KeyboardInterrupt
        done.append(None)
        return real(*arguments, **named)

    monkeypatch.setattr(assemble, "run", ends)
    codes = []
    for _ in range(4):
        result = stress("-r", "3", "-o", "in-pieces")
        codes.append(result.exit_code)
    assert codes == [130, 130, 130, 0]
    (one,), (pieces,) = Path("one-go").iterdir(), Path("in-pieces").iterdir()
    assert (one / "stress.json").read_bytes() == (pieces / "stress.json").read_bytes()
    assert {path.name for path in (one / "runs").iterdir()} == {
        path.name for path in (pieces / "runs").iterdir()
    }
    assert text.replace("one-go", "in-pieces") == result.stdout
    # Of the outage, tried for one link and two units: each is one stored run, and two of the model, of which
    # one may go with a kill.
    pairs = 3 * 3 + 3
    assert len(done) - 3 <= len(list((one / "runs").iterdir())) + pairs + 1


def cell(*overrides: str) -> Scenario:
    return load("hand.yaml", overrides).cells[0]


def test_a_heavier_load_is_that_of_demand_scale(hand: Path) -> None:
    assert cell_digest(heavier(cell(), 1.2)) == cell_digest(cell("demand.scale=1.2"))
    daily = ("demand.count=null", "demand.mix.counts=null", "demand.mix.modalities={CT: 50 %, MR: 50 %}")
    sites = ("sites.clinic.demand={per_day: 40}", "sites.far.demand={MR: {per_day: 3}}")
    assert cell_digest(heavier(cell(*daily, *sites), 1.35)) == cell_digest(
        cell(*daily, *sites, "demand.scale=1.35")
    )
    assert cell_digest(heavier(cell(), 1.2)) != cell_digest(cell())


def test_a_state_is_what_events_declare(hand: Path) -> None:
    deployed = cell()
    made = {(one.kind, one.name): one.cell for one in states(deployed, traffic(deployed), deployed.stress)}
    down = cell("events=[{at: 2026-01-05 08:00, for: 8 h, link_down: desk}]")
    assert cell_digest(made["link", "desk"]) == cell_digest(down)
    away = cell("events=[{at: 2026-01-05 08:00, for: 14 h, absent: solo}]")
    assert cell_digest(made["radiologist", "solo"]) == cell_digest(away)
    shards = cell("data_centre.platform={shards: 2}")
    made = {(one.kind, one.name): one.cell for one in states(shards, traffic(shards), shards.stress)}
    down = cell(
        "data_centre.platform={shards: 2}", "events=[{at: 2026-01-05 08:00, for: 8 h, shard_down: 1}]"
    )
    assert cell_digest(made["shard", "1"]) == cell_digest(down)


def test_the_whole_run_is_from_its_first_to_its_last_second(hand: Path) -> None:
    deployed = cell("stress.down=always")
    (state,) = (one for one in states(deployed, traffic(deployed), deployed.stress) if one.name == "far")
    (event,) = state.cell.events
    assert (event.start_s, event.end_s) == (0.0, deployed.give_up_s)


def test_recovery_is_the_first_instant_at_which_as_many_are_reported() -> None:
    early, late, never = reports(1, 2, 3, 4), reports(1, 4, 5, 6), reports(1, 4, 5)
    # Down until 2 h: one report against two; at 4 h two against four, at 5 h three, at 6 h all four.
    assert recovery_h(late, early, 2 * HOUR) == 4.0
    assert recovery_h(early, early, 2 * HOUR) == 0.0
    assert recovery_h(late, early, 1 * HOUR) == 0.0  # it has not cost a report yet
    assert recovery_h(never, early, 2 * HOUR) == float("inf")


def reports(*hours: float) -> Journal:
    """Four studies requested at once, reported at these hours as far as they are."""
    return journal(
        [row((0.0, 0.0, 0.0, 0.0, 0.0, 0.0, hour * HOUR)) for hour in hours] + [row()] * (4 - len(hours))
    )


def test_the_load_breaks_where_the_shift_is_full(tmp_path: Path) -> None:
    """One reader, 70 minutes a study, a shift of 150: two are read, for a third there is no time left.

    Ten are asked for in the first hour, and two more may stay open than as deployed: thirteen are too many.
    """
    file = written(tmp_path / "hand.yaml", [CLINIC])
    solo = "{unit: desk, reads: [CT], hours: 'Mon 08:00-10:30', ratings: {CT: 5, Brain: 5}}"
    changes = {
        "horizon": "1 h",
        "demand.mix.counts": "{CT: 10}",
        "reading_time": "{CT: {constant: 70 min}}",
        "radiologists": f"{{solo: {solo}}}",
        "targets": "{open: {metric: open_at_end, at_most: 10}}",
        "stress": "{outage: 5 min, load_to: 1.5}",
    }
    arguments = [part for name, value in changes.items() for part in ("--set", f"{name}={value}")]
    found = facts(
        CliRunner().invoke(
            cli, ["stress", str(file), "-r", "5", "-j", "1", "--json", "-o", str(tmp_path), *arguments]
        )
    )
    opened = {one["scale"]: one["targets"][0]["mean"] for one in found["load"]}
    assert found["targets"][0]["mean"] == 8
    assert opened == {1.05: 8, 1.1: 9, 1.15: 10, 1.2: 10, 1.25: 10, 1.3: 11}
    assert found["first_miss"] == {"scale": 1.3, "target": "open"}
    added = {one["scale"]: (one["added"], one["tests"]) for one in found["load"]}
    assert added == {
        1.05: (0, False),
        1.1: (1, True),
        1.15: (2, True),
        1.2: (2, False),
        1.25: (2, False),
        1.3: (3, True),
    }
    assert found["holds_to"] == 1.15
    assert (
        "The load may grow by 15 % (really 20 %: 12 studies a run, not 10); at +30 % open is missed."
        in found["answer"]
    )
