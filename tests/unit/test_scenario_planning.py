"""Targets, prices and plans in a scenario: what they mean, and every mistake at its place, all at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import Target, fewest
from simgrid.experiments.identity import cell_digest, folder_name
from simgrid.planning.cost import cost_of
from simgrid.planning.space import NoPlans, deployed, plans
from simgrid.scenario import Problem, ScenarioInvalid, load
from simgrid.scenario.costs import weekly_hours
from simgrid.statistics.bounds import unfavourable
from tests.planned import WORLD, written

WEEKS_A_MONTH = 365.25 / 12 / 7
VARY = "    radiologists.reader.count: 1..2\n"


def world(folder: Path, *changes: tuple[str, str]) -> Scenario:
    return load(written(folder, *changes)).cells[0]


def refused(folder: Path, *changes: tuple[str, str]) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioInvalid) as caught:
        load(written(folder, *changes))
    return caught.value.problems


def marked(problem: Problem) -> str:
    return problem.snippet[problem.column - 1 : problem.column - 1 + problem.length]


def test_targets_are_read_in_their_units(tmp_path: Path) -> None:
    more = """\
  mine: {of: urgency=routine, within: required, share: 95 %, in: 19 of 20 periods}
  tail: {metric: tat_p95_min, at_most: 2 h}
  busy: {metric: continuity, at_least: 10 %, of: site=clinic}
costs:"""
    found = world(tmp_path, ("costs:", more)).targets
    assert found == (
        Target("quick", "all", "response_time_success", 0.9, "higher", "share", 870.0),
        Target("mine", "urgency=routine", "response_time_success", 0.95, "higher", "share", None, (19, 20)),
        Target("tail", "all", "tat_p95_min", 120.0, "lower", "metric"),
        Target("busy", "site=clinic", "continuity", 0.1, "higher", "metric"),
    )
    assert found[0].column == "target.quick"


# (what stands in the file, what stands there instead, what is marked, number, part of the way out)
QUICK = "quick: {of: all, within: 14.5 min, share: 90 %}"
MISTAKES = [
    (QUICK, "quick: {of: all, within: 14.5 min, share: 190 %}", "190 %", "E107", "at most 100 %"),
    (QUICK, "quick: {of: all, within: 14.5 min, share: 0.9}", "0.9", "E104", "'90 %'"),
    (QUICK, "quick: {of: all, within: 14.5, share: 90 %}", "14.5", "E104", "write the unit"),
    (QUICK, "quick: {of: all, within: 14.5 min}", "quick", "E102", "write it like"),
    (QUICK, "quick: {of: all, share: 90 %}", "quick", "E102", "write it like"),
    (QUICK, "quick: {of: urgency=urgnt, within: required, share: 9 %}", "urgency=urgnt", "E201", "urgent"),
    (QUICK, "quick: {of: site=clinc, within: required, share: 9 %}", "site=clinc", "E201", "site=clinic"),
    (QUICK, "quick: {of: patients, within: required, share: 9 %}", "patients", "E201", "write all"),
    (QUICK, "quick: {of: link=desk/up, within: required, share: 9 %}", "link=desk/up", "E218", "link_util"),
    (QUICK, "quick: {metric: tat_p95, at_most: 9 min}", "tat_p95", "E201", "tat_p95_min"),
    (QUICK, "quick: {metric: tat_p95_min, at_least: 9 min}", "9 min", "E218", "write at_most"),
    (QUICK, "quick: {metric: tat_p95_min, at_most: 9}", "9", "E104", "write the unit"),
    (QUICK, "quick: {metric: tat_p95_min}", "quick", "E102", "at_most: 120 min"),
    (QUICK, "quick: {metric: tat_p95_min, at_most: 9 min, share: 9 %}", "quick", "E110", "two targets"),
    (QUICK, "quick: {metric: workload_success, at_least: 1}", "workload_success", "E218", "workload_dist"),
    (QUICK, f"{QUICK[:-1]}, in: 20 of 19 months}}", "20 of 19 months", "E107", "19 of 20"),
    (QUICK, QUICK.replace("90 %", "100 %"), "100 %", "E107", "99 %"),
    (QUICK, f"{QUICK[:-1]}, in: 20 of 20 periods}}", "20 of 20 periods", "E107", "19 of 20"),
    (QUICK, QUICK.replace("90 %", "99 %"), "99 %", "E221", "{runs: 598}"),
    (QUICK, f"{QUICK[:-1]}, in: 29 of 30 periods}}", "29 of 30 periods", "E221", "{runs: 178}"),
    (
        "3 EUR/Mbit/s/month\n  data",
        "3 EUR/mbit/s/month\n  data",
        "3 EUR/mbit/s/month",
        "E103",
        "3 EUR/Mbit/s/m",
    ),
    (QUICK, f"{QUICK[:-1]}, in: often}}", "often", "E105", "19 of 20"),
    (QUICK, f"{QUICK}\n  again: {QUICK.partition(' ')[2]}", "again", "E202", "keep one"),
    (QUICK, f"{QUICK}\n  a.b: {{metric: tat_p95_min, at_most: 9 min}}", "a.b", "E106", "no dot"),
    ("100 EUR/month", "100 EUR", "100 EUR", "E104", "/month"),
    ("100 EUR/month", "100 euro/month", "100 euro/month", "E103", "ISO 4217"),
    ("100 EUR/month", "100 EUT/month", "100 EUT/month", "E103", "EUR"),
    ("100 EUR/month", "100", "100", "E104", "85 EUR/h"),
    ("100 EUR/month", "dear", "dear", "E105", "85 EUR/h"),
    ("100 EUR/month", "100 EUR/MB/month", "100 EUR/MB/month", "E219", "150 EUR/month"),
    ("3 EUR/Mbit/s/month\n  data", "3 EUR/h\n  data", "3 EUR/h", "E219", "EUR/Mbit/s/month"),
    ("3 EUR/Mbit/s/month\n  data", "3 USD/Mbit/s/month\n  data", "3 USD/Mbit/s/month", "E219", "in EUR"),
    ("  radiologists: 100", "  radiologist: 100", "radiologist", "E219", "did you mean 'radiologists'"),
    ("  data_centre.link", "  data_center.link", "data_center.link.bandwidth", "E219", "did you mean"),
    (VARY, VARY.replace("reader", "raeder"), "radiologists.raeder.count", "E217", "reader"),
    (VARY, VARY.replace("1..2", "2..1"), "2..1", "E217", "smaller number first"),
    (VARY, VARY.replace("1..2", "0..1000000000"), "0..1000000000", "E217", "give fewer"),
    (VARY, VARY.replace("1..2", "0..2000"), "0..2000", "E217", "give fewer"),
    (VARY, VARY.replace("1..2", f"0..{'9' * 5000}"), f"0..{'9' * 5000}", "E217", "give fewer"),
    (VARY, VARY.replace("1..2", "-1..3"), "-1..3", "E217", "whole numbers from 0"),
    (VARY, VARY.replace("1..2", "0.5..2"), "0.5..2", "E217", "whole numbers from 0"),
    (VARY, VARY.replace("1..2", "[2, 2]"), "radiologists.reader.count", "E217", "keep one"),
    (VARY, VARY.replace("1..2", "3"), "3", "E217", "4..12"),
    (VARY, VARY.replace("radiologists.reader.count", "seed"), "seed", "E217", "vary what can be"),
    (
        VARY,
        VARY.replace("radiologists.reader.count: 1..2", "policy: [rwoa]"),
        "rwoa",
        "E206",
        "shortest-queue",
    ),
    (VARY, f"{VARY}    units.*.link.bandwidth: [9 Mbit/s]\n", "units.*.link.bandwidth", "E217", "keep one"),
    (VARY, f"{VARY}    units.*.workstations: [none]\n", "none", "E106", "digits only"),
    ("  runs: 60", "  runs: 60\n  meet: [quik]", "quik", "E201", "did you mean 'quick'"),
    ("  runs: 60", "  runs: 60\n  policy: rwoa", "rwoa", "E206", "shortest-queue"),
    ("  runs: 60", "  runs: 60\n  tolerance: 0 %", "0 %", "E107", "above 0 %"),
    ("  runs: 60", "  runs: 60\n  confidence: 100 %", "100 %", "E107", "less than 100 %"),
]


@pytest.mark.parametrize(("old", "new", "where", "code", "way_out"), MISTAKES)
def test_one_mistake_is_one_problem_at_its_place(
    old: str, new: str, where: str, code: str, way_out: str, tmp_path: Path
) -> None:
    (problem,) = refused(tmp_path, (old, new))
    assert (problem.code, marked(problem)) == (code, where), problem.render()
    assert way_out in problem.help, problem.render()


def test_a_target_that_the_runs_never_show_is_told_with_its_number_and_two_ways_out(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, (QUICK, QUICK.replace("90 %", "99 %")))
    assert "replications, and to show this takes 299 or more, even where" in problem.message
    assert problem.help == "allow more (plan: {runs: 598}, say), or promise less (a lower 'share')"


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    found = refused(
        tmp_path,
        (QUICK, "quick: {of: urgency=never, within: 14.5 min, share: 90 %}"),
        ("  radiologists: 100", "  radiologist: 100"),
        (VARY, VARY.replace("1..2", "2..1")),
    )
    assert {one.code for one in found} == {"E201", "E219", "E217"} or [one.code for one in found] == ["E217"]


def test_a_plan_needs_targets_and_prices(tmp_path: Path) -> None:
    text = WORLD.replace(f"targets:\n  {QUICK}\n", "")
    costs = text.index("costs:")
    text = text[:costs] + text[text.index("plan:") :]
    file = tmp_path / "bare.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioInvalid) as caught:
        load(file)
    assert [one.code for one in caught.value.problems] == ["E102", "E102"]
    with pytest.raises(ScenarioInvalid, match="no such block"):
        load("tiny/one-unit", planned=True)


def test_plans_come_cheapest_first_with_their_values(tmp_path: Path) -> None:
    loaded = load(written(tmp_path), planned=True)
    found = plans(loaded)
    assert len(found) == 8
    assert [one.cost.total for one in found] == sorted(one.cost.total for one in found)
    assert found[0].values == (
        ("units.desk.link.bandwidth", "1 Mbit/s"),
        ("radiologists.reader.count", "1"),
    )
    assert (len(found[0].cell.radiologists), found[0].cell.units[0].access.down_bps) == (1, 1e6)
    assert dict(deployed(loaded).values) == {
        "units.desk.link.bandwidth": "8 Mbit/s",
        "radiologists.reader.count": "2",
    }
    with pytest.raises(NoPlans):
        plans(load(written(tmp_path)))


def test_a_star_varies_every_place_at_once_and_a_policy_may_be_varied(tmp_path: Path) -> None:
    changes = (
        ("{clinic: {link", "{other: {link: {bandwidth: 1 Gbit/s}}, clinic: {link"),
        ("policies: [shortest-queue]", "policies: [shortest-queue, round-robin]"),
        (
            VARY,
            "    sites.*.link.bandwidth: [2 Mbit/s, 4 Mbit/s]\n    policy: [round-robin, shortest-queue]\n",
        ),
    )
    found = plans(load(written(tmp_path, *changes), planned=True))
    assert len(found) == 4 * 2 * 2
    for one in found:
        wanted = float(dict(one.values)["sites.*.link.bandwidth"].split()[0])
        assert {site.access.up_bps for site in one.cell.sites} == {wanted * 1e6}
        assert [choice.label for choice in one.cell.policies] == [dict(one.values)["policy"]]


def test_plans_in_which_nobody_reads_are_none(tmp_path: Path) -> None:
    found = plans(load(written(tmp_path, (VARY, VARY.replace("1..2", "0..2"))), planned=True))
    assert {len(one.cell.radiologists) for one in found} == {1, 2}


def test_costs_are_those_by_hand(tmp_path: Path) -> None:
    costs = """\
costs:
  radiologists: 10 EUR/h
  radiologists.late: 20 EUR/h
  units.desk.link.bandwidth: 5 EUR/Mbit/s/month
  sites.*.link.bandwidth: 1200 EUR/Gbit/s/year
  workstations: 7 EUR/month
  storage: 2 EUR/TB/month
"""
    start, end = WORLD.index("costs:"), WORLD.index("plan:")
    late = "  late: {unit: desk, reads: [CT], hours: 'Mon 22:00-02:00', ratings: {CT: 4}}\ndemand:"
    scenario = world(tmp_path, (WORLD[start:end], costs), ("demand:", late))
    found = cost_of(scenario)
    assert found.unit == "EUR/month"
    assert dict(found.parts) == pytest.approx(
        {
            "radiologists.reader": 2 * 10 * 168 * WEEKS_A_MONTH,
            "radiologists.late": 20 * 4 * WEEKS_A_MONTH,
            "sites.clinic.link.bandwidth": 100.0,
            "units.desk.link.bandwidth": 8 * 5.0,
            "units.desk.workstations": 3 * 7.0,
            "units.desk.storage": 20 * 0.002,
        }
    )
    assert found.total == pytest.approx(sum(found.parts.values()))


@pytest.mark.parametrize(
    ("hours", "wanted"),
    [
        ("Mon-Fri 17:00-20:00", 15),
        ("always", 168),
        ("daily 08:00-12:00, 10:00-14:00", 42),
        ("Sat 22:00-06:00; holidays off", 8),
    ],
)
def test_hours_of_a_week(hours: str, wanted: float) -> None:
    assert weekly_hours(hours) == wanted


def test_only_what_is_measured_moves_the_key_of_a_run(tmp_path: Path) -> None:
    base = world(tmp_path)
    for change in (
        ("share: 90 %", "share: 80 %"),
        ("100 EUR/month", "90 EUR/month"),
        ("runs: 60", "runs: 70"),
    ):
        other = world(tmp_path, change)
        assert (cell_digest(other), folder_name((other,))) == (cell_digest(base), folder_name((base,)))
    assert cell_digest(world(tmp_path, ("within: 14.5 min", "within: 15 min"))) != cell_digest(base)
    bare = WORLD[: WORLD.index("targets:")]
    (tmp_path / "bare.yaml").write_text(bare)
    assert cell_digest(load(tmp_path / "bare.yaml").cells[0]) != cell_digest(base)


def test_a_target_that_is_wrong_itself_is_suggested_too(tmp_path: Path) -> None:
    wrong = (QUICK, "quick: {of: all, within: 14.5 min, share: 190 %}")
    found = refused(tmp_path, wrong, ("  runs: 60", "  runs: 60\n  meet: [quik]"))
    said = [problem.help for problem in found if marked(problem) == "quik"]
    assert len(said) == 1 and "did you mean 'quick'" in said[0]


@pytest.mark.parametrize("share", [0.5, 0.85, 0.95, 0.99])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
@pytest.mark.parametrize("periods", [None, (9, 10), (19, 20)])
def test_the_fewest_replications_are_those_by_which_bounds_tell(
    share: float, confidence: float, periods: tuple[int, int] | None
) -> None:
    target = Target("often", "all", "response_time_success", share, "higher", "share", None, periods)
    least = fewest(target, confidence)
    assert unfavourable(np.ones(least), target, confidence).met == "met"
    if least > 2:
        assert unfavourable(np.ones(least - 1), target, confidence).met == "cannot be told apart"


@pytest.mark.parametrize(
    ("word", "horizon", "warned"),
    [
        ("months", "1 h", True),
        ("periods", "1 h", False),
        ("days", "1 h", True),
        ("days", "1 d", False),
        ("days", "30 h", False),
        ("weeks", "1 d", True),
        ("months", "30 d", False),
    ],
)
def test_a_period_is_called_what_it_is(word: str, horizon: str, warned: bool, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        ("horizon: 1 h", f"horizon: {horizon}"),
        (QUICK, f"{QUICK[:-1]}, in: 19 of 20 {word}}}"),
    )
    told = [one for one in load(file).warnings if one.code == "W317"]
    assert [marked(one) for one in told] == ([f"19 of 20 {word}"] if warned else [])


def test_all_three_settings_of_a_plan_are_refused_at_once(tmp_path: Path) -> None:
    new = "  runs: 3\n  tolerance: 0 %\n  confidence: 100 %"
    assert {marked(one) for one in refused(tmp_path, ("  runs: 60", new))} == {"3", "0 %", "100 %"}


def test_no_values_are_an_empty_list(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, (VARY, VARY.replace("1..2", "[]")))
    assert "expected values, got an empty list" in problem.message


def test_a_range_of_one_value_is_that_value(tmp_path: Path) -> None:
    new = VARY.replace("1..2", "1..1") + "    units.*.workstations: []\n"
    (problem,) = refused(tmp_path, (VARY, new))
    assert marked(problem) == "[]" or "empty list" in problem.message
