"""``uncertain`` in a scenario: what is refused where, what it does to cells, keys, texts and folders."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from simgrid.domain.scenario import Scenario
from simgrid.domain.uncertain import Uncertain
from simgrid.experiments.campaign import campaign
from simgrid.experiments.identity import folder_name
from simgrid.scenario import Loaded, Problem, ScenarioInvalid, load
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree
from tests.unit.test_scenario_samples import SCHEMA, loaded, refused, written

SCALE = "uncertain: {demand.scale: {interval: [0.9, 1.2]}}\n"
LINE = "sites.clinic.link.bandwidth"


def only(made: Loaded) -> Uncertain:
    (found,) = made.cells[0].uncertain
    return found


def drawn_from(folder: Path, place: str, text: str) -> Uncertain:
    return only(loaded(folder, f"uncertain: {{{place}: {{{text}}}}}\n"))


def test_an_interval_is_that_of_a_normal_estimate(tmp_path: Path) -> None:
    found = drawn_from(tmp_path, LINE, "interval: [8 Mbit/s, 12000 kbit/s]")
    assert (found.family, found.unit, found.first) == ("normal", "Mbit/s", 10)
    assert found.second == pytest.approx(2 / 1.959964)
    assert (found.low, found.high) == pytest.approx((10 - 4 * found.second, 10 + 4 * found.second))
    assert found.value(0.025) == pytest.approx(8, abs=1e-3)
    assert found.value(0.975) == pytest.approx(12, abs=1e-3)


def test_every_family_has_the_quantiles_that_it_says(tmp_path: Path) -> None:
    cases = {
        "interval: [0.5, 2], scale: log": {0.025: 0.5, 0.5: 1, 0.975: 2},
        "normal: {mean: 1, sd: 0.1}": {0.5: 1, 0.8413447: 1.1},
        "normal: {mean: 1, cv: 10 %}": {0.5: 1, 0.8413447: 1.1},
        "lognormal: {median: 1, p95: 1.5}": {0.5: 1, 0.95: 1.5},
        "lognormal: {mean: 1, cv: 0.5}": {0.5: 1 / math.sqrt(1.25)},
        "lognormal: {mean: 2, sd: 1}": {0.5: 2 / math.sqrt(1.25)},
        "uniform: {low: 0.5, high: 1.5}": {0: 0.5, 0.25: 0.75, 0.5: 1},
        "triangular: {low: 0.5, mode: 1, high: 2}": {0: 0.5, 1 / 3: 1, 1 - 1 / 6: 1.5},
    }
    for text, quantiles in cases.items():
        found = drawn_from(tmp_path, "demand.scale", text)
        for share, value in quantiles.items():
            assert found.value(share) == pytest.approx(value, rel=2e-4), (text, share)
        assert found.value(0.0) == pytest.approx(found.low)
        assert found.value(1 - 2**-53) == pytest.approx(found.high)


def test_a_bound_cuts_and_what_remains_is_drawn_in_proportion(tmp_path: Path) -> None:
    text = "normal: {mean: 1, sd: 0.1}, within: [1, 3]"
    found = drawn_from(tmp_path, "demand.scale", text)
    assert (found.low, found.high) == pytest.approx((1, 1.4))
    assert found.value(0.5) == pytest.approx(1.0674, abs=1e-4)  # the 75 % quantile of the whole one


def test_whole_places_draw_whole_numbers(tmp_path: Path) -> None:
    found = drawn_from(tmp_path, "demand.count", "interval: [9, 15]")
    values = [found.value(share / 100) for share in range(100)]
    assert found.whole
    assert all(value == int(value) for value in values)
    assert (found.value(0.0), found.value(1 - 2**-53)) == (found.low, found.high) == (6, 18)
    even = drawn_from(tmp_path, "units.desk.workstations", "uniform: {low: 2, high: 5}")
    assert [even.value(share / 8) for share in range(8)] == [2, 2, 3, 3, 4, 4, 5, 5]
    halves = drawn_from(tmp_path, "demand.count", "uniform: {low: 9.5, high: 12.5}")
    assert (halves.whole, halves.low, halves.high) == (True, 10, 12)
    assert not drawn_from(tmp_path, "demand.scale", "uniform: {low: 1, high: 2}").whole


def test_the_cell_of_a_world_is_the_scenario_with_its_draws(tmp_path: Path) -> None:
    text = SCALE + f"sweep: {{dispatch.every: [5 min, 15 min]}}\nvariants: {{late: {{{'horizon'}: 3 h}}}}\n"
    made = loaded(tmp_path, text)
    for replication in range(3):
        worlds = [cell.of(replication) for cell in made.cells]
        (draws,) = {world.draws for world in worlds}
        for cell, world in zip(made.cells, worlds, strict=True):
            values = dict(cell.swept)
            horizon = [] if values["variant"] == "base" else ["horizon=3 h"]
            over = (f"demand.scale={draws[0]}", f"dispatch.every={values['dispatch.every']}", *horizon)
            (plain,) = load("tiny/one-unit", over).cells
            assert world.canonical == plain.canonical
            assert world.of(replication + 1) is world


def test_a_world_keeps_the_ledger_of_its_cell(tmp_path: Path) -> None:
    made = loaded(tmp_path, SCALE + 'sources: {demand.scale: {assumed: "two weeks were counted"}}\n')
    (cell,) = made.cells
    assert "demand.scale" in [line.place for line in cell.sources]
    assert cell.of(3).sources == cell.sources


def test_another_place_or_order_moves_no_draw(tmp_path: Path) -> None:
    alone = loaded(tmp_path, SCALE).cells[0]
    more = "uncertain:\n  dispatch.every: {uniform: {low: 5 min, high: 20 min}}\n  " + SCALE[12:-2]
    both = loaded(tmp_path, more.rstrip() + "\n").cells[0]
    assert [both.of(r).draws[1:] for r in range(5)] == [alone.of(r).draws for r in range(5)]
    assert both.of(0).dispatch.every_s == pytest.approx(60 * both.of(0).draws[0])
    other = loaded(tmp_path, SCALE + "seed: 2\n").cells[0]
    assert other.of(0).draws != alone.of(0).draws


def test_keys_are_those_of_the_drawn_values_and_the_folder_that_of_the_declaration(tmp_path: Path) -> None:
    text = "uncertain: {demand.count: {uniform: {low: 8, high: 40}}}\nreplications: 3\n"
    made = campaign(loaded(tmp_path, text).cells)
    drawn = [int(made.cells[0].of(replication).draws[0]) for replication in range(3)]
    assert len({*drawn, 12}) == 4
    keys = [task.key for task in made.tasks()]
    for replication, count in enumerate(drawn):
        same = campaign(load("tiny/one-unit", ["replications=3", f"demand.count={count}"]).cells)
        assert [task.key for task in same.tasks() if task.replication == replication] == [
            task.key for task in made.tasks() if task.replication == replication
        ]
    plain = campaign(load("tiny/one-unit", ["name=s", "replications=3"]).cells)
    assert not {*keys} & {task.key for task in plain.tasks()}
    wider = campaign(loaded(tmp_path, text.replace("low: 8", "low: 7")).cells)
    assert len({folder_name(one.cells) for one in (made, plain, wider)}) == 3


def test_a_scenario_without_it_is_what_it_was() -> None:
    (cell,) = load("tiny/one-unit").cells
    assert (cell.uncertain, cell.draws, cell.realise) == ((), (), None)
    assert cell.of(7) is cell
    assert folder_name((cell,)) == "one-unit-6e37e8bf"


def test_the_resolved_text_draws_the_same(tmp_path: Path) -> None:
    made = loaded(tmp_path, SCALE + "replications: 3\n")
    again = tmp_path / "again.yaml"
    again.write_text(made.resolved, encoding="utf-8")

    def worlds(cell: Scenario) -> list[str]:
        return [cell.of(replication).canonical for replication in range(3)]

    assert worlds(load(again).cells[0]) == worlds(made.cells[0])


def test_an_override_reaches_within_it(tmp_path: Path) -> None:
    over = ["uncertain.demand.scale={interval: [1, 2]}"]
    assert only(load(written(tmp_path, SCALE), over)).first == 1.5
    assert load(written(tmp_path, SCALE), ["uncertain=null"]).cells[0].uncertain == ()


def test_what_sensitivity_varies_is_not_drawn_there(tmp_path: Path) -> None:
    text = (
        "uncertain:\n  demand.scale: {interval: [0.9, 1.2]}\n  spread.speed: {interval: [0.1, 0.2]}\n"
        "sensitivity: {trajectories: 2, over: {demand.scale: {from: 0.8, to: 1.4}}, of: [tat_mean_min]}\n"
    )
    file = written(tmp_path, text)
    analysed = load(file, analyse=True)
    assert {tuple(one.place for one in cell.uncertain) for cell in analysed.cells} == {("spread.speed",)}
    assert [one.place for one in load(file).cells[0].uncertain] == ["demand.scale", "spread.speed"]
    assert "demand.scale" in dict(analysed.cells[0].of(1).swept)


WRONG = [
    ("uncertain: 3", "uncertain", "expected 1 to 100 places"),
    ("uncertain: {demand.scale: 3}", "uncertain.demand.scale", "expected what it is drawn from, got 3"),
    ("uncertain: {demand.scale: {}}", "uncertain.demand.scale", "expected what it is drawn from"),
    ("uncertain: {demand.scale: {intervall: [1, 2]}}", "uncertain.demand.scale.intervall", "unknown key"),
    ("uncertain: {demand.scale: {within: [1, 2]}}", "uncertain.demand.scale", "has none of interval"),
    (
        "uncertain: {demand.scale: {interval: [1, 2], uniform: {low: 1, high: 2}}}",
        "uncertain.demand.scale",
        "has interval and uniform",
    ),
    ("uncertain: {demand.scale: {interval: [2, 1]}}", "uncertain.demand.scale.interval", "do not ascend"),
    ("uncertain: {demand.scale: {interval: 2}}", "uncertain.demand.scale.interval", "expected two ends"),
    (
        "uncertain: {demand.scale: {interval: [0, 1], scale: log}}",
        "uncertain.demand.scale.interval",
        "no place for 0",
    ),
    (
        "uncertain: {demand.scale: {uniform: {low: 1, high: 2}, scale: log}}",
        "uncertain.demand.scale.scale",
        "uniform has no scale",
    ),
    (
        "uncertain: {demand.scale: {normal: {mean: 1}}}",
        "uncertain.demand.scale.normal",
        "a normal cannot be made of mean",
    ),
    (
        "uncertain: {demand.scale: {normal: {mean: 1, sd: 0}}}",
        "uncertain.demand.scale.normal",
        "spread is not above 0",
    ),
    (
        "uncertain: {demand.scale: {lognormal: {mean: 1, cv: 3 min}}}",
        "uncertain.demand.scale.lognormal.cv",
        "is no share",
    ),
    (
        f"uncertain: {{{LINE}: {{interval: [8 Mbit/s, 12 min]}}}}",
        f"uncertain.{LINE}.interval[1]",
        "'min' is no 'Mbit/s'",
    ),
    (
        "uncertain: {demand.scale: {interval: [one, 2]}}",
        "uncertain.demand.scale.interval[0]",
        "neither a number nor a quantity",
    ),
    (
        "uncertain: {demand.scale: {interval: [1, 2], within: [5, 6]}}",
        "uncertain.demand.scale.within",
        "leaves nothing",
    ),
    (
        "uncertain: {demand.scale: {uniform: {low: 1, high: 2}, within: [1, 2]}}",
        "uncertain.demand.scale.within",
        "has its bounds already",
    ),
    (
        "uncertain: {demand.count: {normal: {mean: 12, sd: 0.01}}}",
        "uncertain.demand.count.normal",
        "would all be the same",
    ),
    (
        "uncertain: {demand.scale: {normal: {mean: 1, sd: 1e-300}}}",
        "uncertain.demand.scale.normal",
        "would all be the same",
    ),
    (
        "uncertain: {demand.scale: {interval: [1, 1]}}",
        "uncertain.demand.scale.interval",
        "both ends are the same",
    ),
    (
        "uncertain: {demand.scale: {lognormal: {median: 1e-320, p95: 1e14}}}",
        "uncertain.demand.scale.lognormal",
        "wider than numbers reach",
    ),
    (
        "uncertain: {demand.count: {uniform: {low: 8 min, high: 40 min}}}",
        "uncertain.demand.count.uniform",
        "whole numbers without a unit, and this is in 'min'",
    ),
    ("uncertain: {seed: {interval: [1, 9]}}", "uncertain.seed", "chosen, not estimated"),
    ("uncertain: {replications: {interval: [1, 9]}}", "uncertain.replications", "cannot be drawn"),
    ("uncertain: {units.desc.storage: {interval: [1 GB, 2 GB]}}", None, "not in the scenario"),
    (SCALE + "sweep: {demand.scale: [1, 2]}", "uncertain.demand.scale", "varies already in 'sweep'"),
    (
        SCALE + "sample: {method: sobol, points: 2, over: {demand.scale: {from: 1.0, to: 2.0}}}",
        "uncertain.demand.scale",
        "varies already in 'sample'",
    ),
]


@pytest.mark.parametrize(("text", "place", "message"), WRONG)
def test_what_cannot_be_drawn_is_refused_where_it_stands(
    tmp_path: Path, text: str, place: str | None, message: str
) -> None:
    (problem,) = refused(tmp_path, text + "\n")
    assert message in problem.message
    assert place in (None, problem.place)
    assert (problem.line, bool(problem.help)) != (0, False)


def test_all_that_is_wrong_is_told_at_once_and_near_names_are_suggested(tmp_path: Path) -> None:
    text = (
        "uncertain:\n  demand.scale: {interval: [2, 1]}\n  units.desc.storage: {interval: [1 GB, 2 GB]}\n"
        "  horizon: {interval: [1 h, 2 h]}\n"
    )
    problems = refused(tmp_path, text)
    assert [(one.code, one.line) for one in problems] == [("E216", 3), ("E216", 4), ("E216", 5)]
    assert "desk" in problems[1].help


def test_ends_that_the_place_does_not_take_are_refused_before_anything_runs(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "uncertain: {demand.scale: {normal: {mean: 1, sd: 0.3}}}\n")
    assert (problem.code, problem.line) == ("E107", 2)
    assert "draws lie from -0.2 to 2.2" in problem.help
    assert loaded(
        tmp_path, "uncertain: {demand.scale: {normal: {mean: 1, sd: 0.3}, within: [0.2, 3]}}\n"
    ).cells
    (unknown,) = refused(tmp_path, "uncertain: {demand.scales: {interval: [1, 2]}}\n")
    assert (unknown.code, unknown.line, unknown.column) == ("E101", 2, 13)
    assert unknown.help == "did you mean 'scale'?"
    (bare,) = refused(tmp_path, f"uncertain: {{{LINE}: {{uniform: {{low: 8, high: 40}}}}}}\n")
    assert (bare.code, bare.line) == ("E104", 2)
    assert bare.help.startswith("write the unit, such as '8.0 Mbit/s'")
    shares = refused(tmp_path, "uncertain: {demand.mix.modalities.CT: {interval: [40 %, 60 %]}}\n")
    assert {one.code for one in shares} == {"E209"}
    assert "at an end of what is drawn, modalities: the shares add up to" in shares[0].message
    assert "change what is uncertain (demand.mix.modalities.CT)" in shares[0].help


def test_draws_that_do_not_go_together_are_told_with_their_replication(tmp_path: Path) -> None:
    """The corners hold: low with low and high with high; what is drawn need not."""
    text = (
        "discrepancy: {best: 10 %, worst: 50 %}\n"
        "studies: {CT: {size: {uniform: {low: 4 MB, high: 12 MB}}, images: 1}}\n"
        "uncertain:\n  studies.CT.size.uniform.low: {uniform: {low: 1 MB, high: 10 MB}}\n"
        "  studies.CT.size.uniform.high: {uniform: {low: 2 MB, high: 12 MB}}\n"
    )
    (cell,) = loaded(tmp_path, text).cells
    with pytest.raises(ScenarioInvalid, match=r"replication \d+ draws what is no scenario: uniform"):
        for replication in range(200):
            cell.of(replication)


def test_a_value_that_no_draw_could_be_is_a_warning(tmp_path: Path) -> None:
    def warned(text: str) -> list[Problem]:
        return [one for one in loaded(tmp_path, text).warnings if one.code == "W315"]

    assert warned(SCALE + "demand: {scale: 1}\n") == warned(SCALE) == []
    (found,) = warned(SCALE + "demand: {scale: 3}\n")
    assert found.place == "uncertain.demand.scale"


def test_the_schema_knows_the_forms() -> None:
    good = "title: t\nextends: x\nuncertain: {a.b: {normal: {mean: 1, cv: 0.1}, within: [0, 2]}}\n"
    assert not [*SCHEMA.iter_errors(read_tree(Source("s", good)).plain())]
    for wrong in ("3", "{normal: {median: 1}}", "{interval: [1]}", "{gamma: {mean: 1}}"):
        text = f"title: t\nextends: x\nuncertain: {{a.b: {wrong}}}\n"
        assert [*SCHEMA.iter_errors(read_tree(Source("s", text)).plain())], wrong
