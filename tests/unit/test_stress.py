"""``simgrid stress``: how far the load may grow, what is said when nothing can be told, what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import unescape
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.stress import StressTest
from simgrid.domain.targets import Target
from simgrid.experiments import parallel
from simgrid.experiments.store import RunStore
from simgrid.planning.busiest import Traffic, traffic
from simgrid.planning.judging import changes, compared, fewest, judged
from simgrid.planning.looking import looks
from simgrid.planning.observed import Runs, Values
from simgrid.planning.recovery import EXTRA_BACKLOG, EXTRA_WAIT, RECOVERY
from simgrid.planning.states import STATE, heavier, lasting, states
from simgrid.planning.stress import Stressed, replications_for, stress
from simgrid.presentation.blocks import as_text
from simgrid.presentation.board.breaking import said_of
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.making import report
from simgrid.presentation.stress import stress_blocks
from simgrid.presentation.stress_answer import ADD_TARGETS, answer
from simgrid.presentation.stress_json import stress_facts, stress_text
from simgrid.scenario import ScenarioInvalid, load

URGENT = Target("urgent", "urgency=urgent", "response_time_success", 0.8, "higher")
TAIL = Target("tail", "all", "tat_p95_min", 100.0, "lower", kind="metric")
SHARES = {"met": 1.0, "missed": 0.2}
N = 30


def cell(*targets: Target, **changed: Any) -> Scenario:
    plain = load("tiny/one-unit").cells[0]
    return replace(plain, targets=targets, **changed)


def measured(share: float | str, studies: int = 100) -> Values:
    """A state in which this share is in time in every world, or nothing in each fifth."""
    if share == "doubt":
        values = np.where(np.arange(N) % 10 < 2, 0.0, 1.0)
    else:
        values = np.full(N, SHARES.get(str(share), share if isinstance(share, float) else 0.0))
    zero = np.zeros(N)
    outage = {RECOVERY: zero + 2.0, EXTRA_WAIT: zero + 5.0, EXTRA_BACKLOG: zero + 3.0}
    own = {URGENT.column: values, "response_time_success": values, "tat_p95_min": 60 - values * 10}
    own |= {TAIL.column: own["tat_p95_min"], URGENT.counted: zero + 4.0}
    return Values({**own, "reported": zero + studies, "open_at_end": zero, **outage}, N)


class Said:
    """Runs that come to what is said of each state, by the name under which it is stored."""

    policy = PolicyChoice("rwoa")
    source = "its source"

    def __init__(self, words: Mapping[str, float | str], otherwise: float | str = "met") -> None:
        self.words, self.otherwise, self.asked = words, otherwise, list[str]()
        self.counts = dict[str, int]()

    def of(self, cells: Sequence[Scenario], replications: int) -> list[Values]:
        assert replications in looks((URGENT,), N)
        names = [dict(one.swept).get(STATE, "deployed") for one in cells]
        self.asked += names
        self.counts.update(dict.fromkeys(names, replications))
        whole = [measured(self.words.get(name, self.otherwise), self.studies(name)) for name in names]
        return [one.first(replications) for one in whole]

    @staticmethod
    def studies(name: str) -> int:
        _, _, scale = name.partition("load x ")
        return round(100 * float(scale or 1))

    def recoveries(self, cells: Sequence[Scenario], n: int, events: int) -> list[Values]:
        assert all(len(one.events) >= events for one in cells)
        return [measured("met") for _ in cells]


def outcome(words: Mapping[str, float | str], deployed: Scenario | None = None, **more: Any) -> Stressed:
    one = deployed or cell(URGENT, stress=StressTest(load_to=1.3))
    runs: Any = Said(words, **more)
    return stress(one, traffic(one), runs, N, lambda _: None)


def test_the_load_rises_to_the_first_sure_miss_and_not_further() -> None:
    found = outcome({"load x 1.15": "doubt", "load x 1.2": "missed"})
    assert found.loads is not None
    assert [one.scale for one in found.loads.steps] == [1.05, 1.1, 1.15, 1.2]
    assert (found.loads.holds_to, found.loads.first_miss) == (1.1, (1.2, "urgent"))
    assert "The load may grow by 10 %; at +20 % urgent is missed; +15 % cannot be told." in answer(found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"load x 1.05": "missed"}, "No larger load has been shown to meet every target; at +5 % urgent is"),
        ({"load x 1.1": "missed"}, "The load may grow by 5 %; at +10 % urgent is missed."),
        ({}, "The load may grow by 30 %; more was not tried."),
        (
            {f"load x {scale:g}": "doubt" for scale in (1.05, 1.1, 1.15, 1.2, 1.25, 1.3)},
            "No larger load has been shown to meet every target; up to +30 % it cannot be told.",
        ),
        (
            {"load x 1.1": "doubt", "load x 1.15": "doubt", "load x 1.2": "missed"},
            "The load may grow by 5 %; at +20 % urgent is missed; +10 % to +15 % cannot be told.",
        ),
    ],
)
def test_the_load_in_one_sentence(words: Mapping[str, float | str], said: str) -> None:
    assert said in answer(outcome(words))


def test_the_load_ends_at_the_last_whole_step() -> None:
    found = outcome({}, cell(URGENT, stress=StressTest(load_to=1.07)))
    assert "The load may grow by 5 %; more was not tried." in answer(found)


def test_a_target_missed_as_deployed_is_said_and_blamed_on_nothing() -> None:
    found = outcome({}, otherwise="missed")
    said = answer(found)
    assert said.startswith("Target urgent is missed already as deployed.")
    assert "breaks" not in said
    assert "may fail" not in said
    assert found.loads is not None
    assert found.loads.steps == ()
    assert stress_facts(found)["first_miss"] == {"scale": 1.0, "target": "urgent"}


def test_what_cannot_be_told_is_neither_met_nor_missed() -> None:
    found = outcome({"deployed": "doubt"}, otherwise="doubt")
    said = answer(found)
    assert said.startswith(f"Whether urgent is met as deployed cannot be told with {N} replications.")
    assert "Of no radiologist can it be told whether it may be ill." in said
    assert "may grow" not in said
    assert not any(one["breaks"] for one in stress_facts(found)["without"])
    some = answer(outcome({"without ada": "doubt"}))
    assert "Of radiologist ada it cannot be told; any one other radiologist may be ill." in some


def test_of_targets_that_are_missed_already_only_the_others_are_broken() -> None:
    found = outcome({}, cell(URGENT, TAIL, stress=StressTest(load_to=1.1)))
    late = replace(found, deployed=(replace(found.deployed[0], verdict="missed"), found.deployed[1]))
    missing = [
        replace(one, targets=tuple(replace(each, verdict="missed") for each in one.targets))
        for one in found.without
        if one.name == "ada"
    ]
    said = answer(replace(late, without=tuple(missing)))
    assert "Radiologist ada away breaks tail." in said


def test_nothing_is_flagged_without_an_interval() -> None:
    """Of one world, or where nothing was measured, no bound exists, and so no verdict."""
    for values in (np.array([0.1]), np.full(3, np.nan), np.array([0.99, np.nan, np.nan])):
        (one,) = judged(
            [URGENT], Values({URGENT.column: values, URGENT.counted: values * 0 + 4}, len(values))
        )
        assert one.verdict == "cannot be told apart"
    (absent,) = judged([URGENT], Values({}, 4))
    assert (absent.n, absent.verdict) == (0, "cannot be told apart")
    found = outcome({"without ada": "missed", "load x 1.1": "missed"})
    for one in [*found.without, *(found.loads.steps if found.loads else ())]:
        for each in one.targets:
            assert each.verdict == "cannot be told apart" or each.low <= each.mean <= each.high


def test_a_percentile_of_nothing_reported_is_missed_and_said_to_be_never() -> None:
    (one,) = judged([TAIL], Values({TAIL.column: np.full(6, inf)}, 6))
    assert one.verdict == "missed"
    facts = stress_facts(replace(outcome({}), deployed=(one,), asked=(TAIL,), without=()))
    assert json.loads(json.dumps(facts, allow_nan=False))["targets"][0]["mean"] is None


def test_no_time_is_met_where_more_are_never_reported() -> None:
    """The turnaround is that of those that were read: it falls when the slow ones never are."""
    quick, slow, none = np.full(N, 30.0), np.full(N, 60.0), np.zeros(N)
    there = Values({TAIL.column: slow, "open_at_end": none}, N)
    for unread, verdict in ((none, "met"), (none + 3.0, "cannot be told apart")):
        here = Values(
            {
                TAIL.column: quick,
                URGENT.column: none + 1.0,
                URGENT.counted: none + 4.0,
                "open_at_end": unread,
            },
            N,
        )
        (tail, share), _ = compared([TAIL, URGENT], here, there)
        assert (tail.verdict, share.verdict) == (verdict, "met")


def test_a_share_loses_no_more_than_all_of_it() -> None:
    here = Values({"response_time_success": np.array([0.0, 0.0, 0.0])}, 3)
    there = Values({"response_time_success": np.array([1.0, 0.9, 1.0])}, 3)
    lost = changes(here, there)[0]
    assert -1.0 == lost.low < lost.difference < lost.high < 0
    assert lost.surely == -1
    alike = Values({"response_time_success": np.array([0.9, 0.9])}, 2)
    assert changes(alike, Values({"response_time_success": np.ones(2)}, 2))[0].surely == 0


def test_a_loss_that_few_worlds_have_alike_is_told_as_such() -> None:
    found = outcome({"without ada": 0.0}, cell())
    few = [
        replace(one, changes=tuple(replace(each, n=2) for each in one.changes))
        for one in found.without
        if one.name == "ada"
    ]
    assert few[0].changes[0].surely == 0
    said = answer(replace(found, without=tuple(few)))
    lost = (
        "100.0 points of the studies in time, the same in all 2 worlds, which are too few to tell of others."
    )
    assert f"Most is lost without radiologist ada: {lost}" in said
    assert "Nothing that is missing" not in said


def test_without_targets_nothing_breaks_and_the_way_to_them_is_said() -> None:
    found = outcome({"without ada": 0.5}, cell())
    said = answer(found)
    assert f"add them like '{ADD_TARGETS}'" in said
    lost = "50.0 points of the studies in time, the same in all 30 worlds."
    assert f"Most is lost without radiologist ada: {lost}" in said
    facts = stress_facts(found)
    assert facts["targets"] == []
    assert facts["holds_to"] is facts["first_miss"] is None
    assert not any(one["breaks"] for one in facts["without"])
    assert found.loads is not None
    assert [one.scale for one in found.loads.steps] == [1.05, 1.1, 1.15, 1.2, 1.25]
    assert facts["without"][0]["name"] == "ada"
    assert {one["metric"] for one in facts["without"][0]["changes"]} == {
        "response_time_success",
        "tat_p95_min",
        "open_at_end",
    }


def test_a_replayed_log_is_not_scaled_and_that_is_said() -> None:
    logged = load("templates/your-own-log").cells[0]
    with pytest.raises(ValueError, match="cannot be scaled"):
        heavier(logged, 1.1)
    deployed = replace(logged, targets=(URGENT,))
    found = outcome({}, deployed)
    assert found.loads is None
    assert stress_facts(found)["load"] is None
    assert any("replayed log" in block.title for block in stress_blocks(found))
    assert "load" not in answer(found)


def test_so_many_replications_that_a_target_can_be_shown_to_hold() -> None:
    assert fewest(replace(URGENT, bound=0.95)) == 59
    assert fewest(replace(URGENT, periods=(19, 20))) == 59
    assert fewest(replace(URGENT, bound=1.0)) == fewest(TAIL) == 2
    assert replications_for(cell(), None) == 2
    assert replications_for(cell(URGENT), None) == 60
    assert replications_for(cell(replace(URGENT, bound=0.99)), None) == 449  # half as many again as 299
    assert replications_for(cell(URGENT), 4) == 4


def test_places_and_hours_by_arithmetic() -> None:
    region = load("templates/regional-network", ["variants=null"]).cells[0]
    ahead = traffic(region)
    assert ahead.main == "harbour"  # 10 Mbit/s up for ten CT a day: the fullest by the estimate
    assert max(ahead.use.values()) == ahead.use["harbour"]
    kinds = [one.kind for one in states(region, ahead, region.stress)]
    assert {kind: kinds.count(kind) for kind in kinds} == {"link": 7, "unit": 2, "radiologist": 6}
    late = ahead.busiest("harbour", 7 * 86400.0)
    assert late >= 7 * 86400.0
    assert late % 3600 == 0


def test_hours_are_looked_for_after_the_warm_up() -> None:
    ahead = Traffic((0.0, 3600.0, 7200.0), {"a": (1.0, 3.0, 2.0)}, {"a": 0.5})
    assert ahead.busiest("a", 0.0) == 3600.0
    assert ahead.busiest("a", 4000.0) == 7200.0
    assert ahead.busiest("a", 8000.0) == 7200.0  # within the last hour
    assert ahead.worst_windows("a", 3600.0, 0.0, 2) == (3600.0, 7200.0)
    assert ahead.worst_windows("a", 7200.0, 0.0, 2) == (3600.0,)
    assert lasting(86400.0) == "24 h"
    assert lasting(5400.0) == "90 min"


def test_what_is_drawn_in_a_world_is_drawn_in_every_state_of_it() -> None:
    deployed = load("methods/uncertain").cells[0]
    assert deployed.uncertain
    for state in states(deployed, traffic(deployed), deployed.stress):
        assert state.cell.of(3).draws == deployed.of(3).draws
        assert state.cell.of(3).events == state.cell.events != ()
    more = heavier(deployed, 1.1).of(3)
    assert more.draws == deployed.of(3).draws
    assert more.demand.arrivals != deployed.of(3).demand.arrivals


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["stress", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_dry_run_says_what_would_be_missing(tmp_path: Path) -> None:
    code, out, err = invoke("templates/regional-network", "--dry-run", "-o", str(tmp_path), "-r", "3")
    assert code == 0, err
    assert (
        "as deployed and without each of 15 things, at most 3 replications each: 0 of 48 runs are stored"
        in out
    )
    assert "up to 45 without each of 15 things, up to 15 for 5 steps of the load" in out
    assert "  link harbour: down for 24 h from Mon 2026-03-02 07:00" in out
    assert "general-1, general-2, who are declared alike" in out
    assert "variants left aside" in err
    _, out, _ = invoke("tiny/one-unit", "--dry-run", "--json", "-o", str(tmp_path))
    told = json.loads(out)
    parts = {"deployed": 2, "without": 12, "load": 10, "outage": 12}  # two hours tried in two worlds, and two
    assert (told["parts"], told["stored"], len(told["without"])) == (parts, 0, 6)
    assert told["most"] == sum(parts.values())
    assert told["at_least"] == 2 + 12 + 2 + 12
    assert not list(tmp_path.iterdir())


def test_a_target_missed_as_deployed_is_exit_code_1(tmp_path: Path) -> None:
    target = "targets={never: {of: all, within: 1 s, share: 50 %}}"
    arguments = ["tiny/one-unit", "--set", target, "--set", "stress.load_to=1.05", "-r", "6", "-j", "1"]
    code, out, err = invoke(*arguments, "-o", str(tmp_path), "--json")
    assert code == 1, err
    assert json.loads(out.splitlines()[0])["targets"][0]["verdict"] == "missed"


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    code, _, err = invoke("tiny/one-unit", "--policy", "rowa", "-o", str(tmp_path))
    assert code == 2
    assert "there is no policy 'rowa': did you mean 'rwoa'?" in err
    for value, told in (("down: 24", "or write always"), ("load_to: 1", "load_to"), ("hours: 3", "hours")):
        with pytest.raises(ScenarioInvalid, match=told):
            load("tiny/one-unit", [f"stress={{{value}}}"])


def test_a_damaged_run_is_computed_again(tmp_path: Path) -> None:
    heard: list[str] = []
    store = RunStore(tmp_path / "runs")

    def compute(cells: Any, tasks: Any, run: Any) -> None:
        store.prepare()
        parallel.compute(cells, tasks, store, run, 1, lambda _: None)

    deployed = load("tiny/one-unit").cells[0]
    runs = Runs(deployed.policies[0], "source", store, compute, heard.append)
    (first,) = runs.of([deployed], 2)
    (file, _) = sorted((tmp_path / "runs").iterdir())
    file.write_text("{", encoding="utf-8")
    (again,) = runs.of([deployed], 2)
    assert heard == [f"{file.name}: it is cut short or not a run"]
    assert first.of("tat_p95_min").tolist() == again.of("tat_p95_min").tolist()
    assert runs.missing([deployed], 3) == 1


def test_the_worst_stands_first() -> None:
    one = outcome({"without ada": "missed", "without unit desk": "doubt", "without ben": 0.95})
    assert [(each.kind, each.name) for each in one.without][:3] == [
        ("radiologist", "ada"),
        ("unit", "desk"),
        ("radiologist", "ben"),
    ]


@pytest.mark.parametrize("targets", [(URGENT,), ()])
def test_a_report_of_it_has_its_answer_and_its_rows(targets: tuple[Target, ...], tmp_path: Path) -> None:
    found = outcome({"without ada": "missed"}, cell(*targets, stress=StressTest(load_to=1.1)))
    (tmp_path / "stress.json").write_text(stress_text(found), encoding="utf-8")
    made = CliRunner().invoke(cli, ["report", str(tmp_path), "-o", str(tmp_path / "report.html")])
    assert made.exit_code == 0, made.output
    text = unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert answer(found) in text
    assert "-80.0, the same in all 30" in text or targets
    assert "ada" in text


def test_where_nothing_is_reported_a_time_is_never_and_not_the_run_s_length() -> None:
    none = np.zeros(N)
    here = Values({TAIL.column: none + 3000.0, "tat_p95_min": none + np.nan, "open_at_end": none + 12.0}, N)
    there = Values({TAIL.column: none + 30.0, "tat_p95_min": none + 30.0, "open_at_end": none}, N)
    (tail,), _ = compared([TAIL], here, there)
    assert (tail.verdict, tail.mean) == ("missed", inf)
    found = outcome({}, cell(TAIL, stress=StressTest(load_to=1.1)))
    told = replace(found, without=(replace(found.without[0], targets=(tail,)),))
    assert any("never missed" in row for block in stress_blocks(told) for row in block.rows)
    assert stress_facts(told)["without"][0]["targets"][0]["mean"] is None


def test_a_report_of_a_stress_test_alone_has_units(tmp_path: Path) -> None:
    found = outcome({}, cell(TAIL, stress=StressTest(load_to=1.1)))
    (tmp_path / "stress.json").write_text(stress_text(found), encoding="utf-8")
    text = report(read_given([tmp_path]))
    tables = len({one.kind for one in found.without}) + 1  # each begins with the row as deployed
    rows = tables + len(found.without) + 2
    assert text.count("50.0 min, the same in every replication (n = 30)") == rows


def test_a_report_shows_every_load_and_says_alike_of_what_is_alike(tmp_path: Path) -> None:
    found = outcome({}, cell(URGENT, stress=StressTest(load_to=1.6)))
    (tmp_path / "stress.json").write_text(stress_text(found), encoding="utf-8")
    text = report(read_given([tmp_path]))
    assert all(f"{percent} % of the load" in text for percent in range(105, 165, 5))
    alike = {"mean": 0.5, "low": 0.5, "high": 0.5, "n": 5, "verdict": "missed"}
    assert said_of(alike, None) == "50.0 %, the same in every replication (n = 5)"


def test_a_report_says_never_of_a_time_that_never_came() -> None:
    assert said_of({"mean": None, "verdict": "missed"}, None) == "never"
    assert said_of({"mean": None, "verdict": "cannot be told apart"}, None) == "not measured"


def scaled_to(added: Mapping[float, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads of which each adds so many studies to a hundred, those not named nothing."""

    def studies(name: str) -> int:
        _, _, scale = name.partition("load x ")
        return 100 + added.get(float(scale or 1), 0)

    monkeypatch.setattr(Said, "studies", staticmethod(studies))


def test_a_load_that_adds_no_study_is_not_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled_to({}, monkeypatch)
    found = outcome({})
    assert found.loads is not None
    assert not found.loads.tested
    assert found.loads.holds_to == 1.0
    said = answer(found)
    assert "may grow by" not in said
    assert "was not tested: up to +30 % no step adds a study to the 100 of a run" in said
    rows = [row for block in stress_blocks(found) for row in block.rows if row[0] == "+5 %"]
    assert rows == [("+5 %", "none", "nothing new")]


def test_what_was_really_added_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled_to({1.05: 0, 1.1: 15, 1.15: 15, 1.2: 15, 1.25: 40, 1.3: 40}, monkeypatch)
    found = outcome({"load x 1.25": "missed"})
    assert found.loads is not None
    assert [one.tests for one in found.loads.steps] == [False, True, False, False, True]
    assert (
        "The load may grow by 10 % (really 15 %: 115 studies a run, not 100); "
        "at +25 % (really 40 %: 140 studies a run, not 100) urgent is missed."
    ) in answer(found)
    told = stress_facts(found)["load"]
    assert [(one["added"], one["deployed"], one["tests"]) for one in told[:2]] == [
        (0.0, 100.0, False),
        (15.0, 100.0, True),
    ]


def test_a_doubtful_load_that_was_not_tested_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled_to({1.05: 5, 1.1: 10, 1.15: 10, 1.2: 20}, monkeypatch)
    found = outcome({"load x 1.1": "doubt", "load x 1.15": "doubt", "load x 1.2": "missed"})
    assert "The load may grow by 5 %; at +20 % urgent is missed; +10 % cannot be told." in answer(found)


def test_what_is_added_is_counted_in_the_runs(tmp_path: Path) -> None:
    """Of real runs: three studies a run, and no step up to +15 % is a fourth."""
    arguments = ["tiny/one-unit", "--set", "demand.count=3", "--set", "stress.load_to=1.2"]
    target = "targets={late: {of: all, within: 9 h, share: 1 %}}"
    code, out, err = invoke(*arguments, "--set", target, "-r", "3", "-j", "1", "--json", "-o", str(tmp_path))
    assert code == 0, err
    told = json.loads(out.splitlines()[0])
    assert [(one["scale"], one["added"], one["tests"]) for one in told["load"]] == [
        (1.05, 0.0, False),
        (1.1, 0.0, False),
        (1.15, 0.0, False),
        (1.2, 1.0, True),
    ]


@pytest.mark.parametrize("n", [2, 5, 20])
def test_no_bracket_has_no_width(n: int) -> None:
    """Few equal worlds say nothing of the spread: they are counted, and no interval is made of them."""
    here = Values({"response_time_success": np.full(n, 0.69), "tat_p95_min": np.full(n, 41.0)}, n)
    there = Values({"response_time_success": np.full(n, 0.95), "tat_p95_min": np.full(n, 40.0)}, n)
    in_time, turnaround, unreported = changes(here, there)
    assert in_time.alike and turnaround.alike
    assert not unreported.alike  # nothing was measured
    assert np.isnan([in_time.low, in_time.high, turnaround.low, turnaround.high]).all()
    assert in_time.surely == (-1 if n == 20 else 0)  # 1.26 times 1 - 0.05 ** (1 / n) may be lost again
    assert turnaround.surely == (1 if n >= 5 else 0)
    (one,) = judged([TAIL], Values({TAIL.column: np.full(n, 50.0)}, n))
    assert one.alike
    found = outcome({})
    told = replace(
        found,
        asked=(TAIL,),
        deployed=(one,),
        replications=n,
        loads=None,
        without=(replace(found.without[0], targets=(one,), changes=(in_time, turnaround, unreported)),),
    )
    text = as_text(stress_blocks(told), 200)
    assert f"50 min, the same in all {n}" in text
    assert f"-26.0, same in all {n}" in text
    assert f"+1, same in all {n}" in text
    assert f"up to {100 * (1 - 0.05 ** (1 / n)):.0f} % of worlds that are otherwise" in " ".join(text.split())
    for low, high in re.findall(r"\[([^\],]+), ([^\]]+)\]", text):
        assert low != high


def test_more_never_reported_in_few_equal_worlds_is_doubt_enough() -> None:
    here = Values({TAIL.column: np.array([30.0, 31.0, 32.0]), "open_at_end": np.full(3, 2.0)}, 3)
    there = Values({TAIL.column: np.array([30.0, 31.0, 32.0]), "open_at_end": np.zeros(3)}, 3)
    (tail,), _ = compared([TAIL], here, there)
    assert tail.verdict == "cannot be told apart"


def test_what_is_sure_after_the_first_look_is_told_at_once() -> None:
    """So whoever ends the test half-way knows what breaks for certain."""
    one = cell(URGENT, stress=StressTest(load_to=1.05))
    heard: list[str] = []
    runs: Any = Said({"without ada": "missed"})
    found = stress(one, traffic(one), runs, N, heard.append)
    assert heard[:3] == [
        f"as deployed, {N} replications",
        f"without each of 6 things, 15 then {N} replications each",
        "after 15 replications 1 of 6 are decided; a target is missed without radiologist ada",
    ]
    assert runs.counts["without ada"] == 15
    assert {each.n for each in found.without} == {15, N}
    rows = [row[0] for block in stress_blocks(found) for row in block.rows]
    assert "radiologist ada (15 worlds)" in rows
