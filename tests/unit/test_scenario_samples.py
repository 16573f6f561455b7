"""Samples, steps and excludes in a scenario: what is refused where, what they do to cells, keys and texts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.domain.scenario import Scenario
from simgrid.experiments.campaign import campaign
from simgrid.scenario import Loaded, Problem, ScenarioInvalid, load
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree

RATE = "sites.clinic.link.bandwidth"
SAMPLE = f"""sample:
  method: sobol
  points: 4
  seed: 7
  over:
    {RATE}: {{from: 4 Mbit/s, to: 16 Mbit/s, scale: log}}
    dispatch.every: {{from: 5 min, to: 30 min}}
    units.desk.workstations: {{from: 2, to: 6}}
"""
SCHEMA = jsonschema.Draft202012Validator(json_schema())
COLUMNS = (RATE, "dispatch.every", "units.desk.workstations")


def written(folder: Path, text: str) -> Path:
    file = folder / "s.yaml"
    file.write_text("extends: tiny/one-unit.yaml\n" + text, encoding="utf-8")
    return file


def loaded(folder: Path, text: str, *overrides: str) -> Loaded:
    file = written(folder, text)
    SCHEMA.validate(read_tree(Source("s", file.read_text(encoding="utf-8"))).plain())
    return load(file, overrides)


def refused(folder: Path, text: str, *overrides: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioInvalid) as caught:
        load(written(folder, text), overrides)
    return caught.value.problems


def test_sampled_values_reach_the_domain_and_the_columns(tmp_path: Path) -> None:
    made = loaded(tmp_path, SAMPLE)
    assert made.sweep_columns == COLUMNS
    assert len({cell.swept for cell in made.cells}) == 4
    for cell in made.cells:
        rate, every, desks = (value for _, value in cell.swept)
        assert cell.sites[0].access.up_bps == pytest.approx(1e6 * float(rate.removesuffix(" Mbit/s")))
        assert cell.dispatch.every_s == pytest.approx(60 * float(every.removesuffix(" min")))
        assert cell.units[0].workstations == int(desks)


def test_a_sample_is_crossed_with_sweep_and_variants(tmp_path: Path) -> None:
    made = loaded(tmp_path, SAMPLE + "sweep: {seed: [1, 2]}\nvariants: {late: {horizon: 3 h}}\n")
    assert made.sweep_columns == ("variant", "seed", *COLUMNS)
    points = [tuple(value for _, value in cell.swept) for cell in loaded(tmp_path, SAMPLE).cells]
    assert [tuple(value for _, value in cell.swept) for cell in made.cells] == [
        (variant, seed, *point) for variant in ("base", "late") for seed in ("1", "2") for point in points
    ]


def test_the_resolved_text_makes_the_same_cells_again(tmp_path: Path) -> None:
    text = SAMPLE + "sweep: {seed: [1, 2]}\nexclude:\n  - {seed: 2, units.desk.workstations: [2, 3]}\n"
    made = loaded(tmp_path, text)
    again = tmp_path / "again.yaml"
    again.write_text(made.resolved, encoding="utf-8")
    assert [(cell.swept, cell.canonical) for cell in load(again).cells] == [
        (cell.swept, cell.canonical) for cell in made.cells
    ]


OVER = "sample: {method: sobol, points: 4, over: {"
POINTS = "sample: {method: sobol, over: {dispatch.every: {from: 5 min, to: 9 min}}, points: "
SWEPT = "sweep: {dispatch.every: [5 min, 15 min], seed: [1, 2]}\n"
MISTAKES = [
    ("sample: 3", "3", "E213", "write it like {method:"),
    ("sample: [1]", "[1]", "E213", "write it like {method:"),
    ("sample: {}", "sample", "E102", "write it like {method:"),
    ("sample: {methd: sobol, points: 4, over: {seed: [1, 2]}}", "methd", "E101", "did you mean 'method'?"),
    ("sample: {method: sobel, points: 4, over: {seed: [1, 2]}}", "sobel", "E108", "did you mean 'sobol'?"),
    ("sample: {method: lhs, points: 4, over: {seed: [1, 2]}}", "lhs", "E108", "latin-hypercube, sobol"),
    (POINTS + "0}", "0", "E213", "1 to 2000"),
    (POINTS + "-4}", "-4", "E213", "1 to 2000"),
    (POINTS + "4.0}", "4.0", "E213", "1 to 2000"),
    (POINTS + "many}", "many", "E213", "1 to 2000"),
    (POINTS + "2001}", "2001", "E213", "1 to 2000"),
    (POINTS + "1" + "0" * 400 + "}", "1000", "E006", ""),
    (POINTS + "999999999999999}", "999999999999999", "E213", "1 to 2000"),
    (POINTS + "4, seed: -1}", "-1", "E213", "0 to 1000000000"),
    (POINTS + "4, seed: 1.5}", "1.5", "E213", "0 to 1000000000"),
    ("sample: {method: sobol, points: 4, over: {}}", "over", "E213", "write it like {dispatch.every:"),
    ("sample: {method: sobol, points: 4, over: [a]}", "over", "E213", "write it like {dispatch.every:"),
    (OVER + "seed: 3}}", "3", "E213", "write it like {from:"),
    (OVER + "seed: [3]}}", "[3]", "E213", "write it like {from:"),
    (OVER + "seed: []}}", "[]", "E213", "write it like {from:"),
    (OVER + "horizon: [1 h, 2 h, 60 min]}}", "horizon", "E213", "keep one"),
    (OVER + "horizon: {from: 1 h, to: 60 min}}}", "1 h", "E213", "two different ends"),
    (OVER + "horizon: {from: 2 h, to: 60 min}}}", "2 h", "E213", "swap the two"),
    (OVER + "horizon: {from: 2 h, to: 6 MB}}}", "6 MB", "E213", "units of one kind"),
    (OVER + "horizon: {from: 2 h, to: six}}}", "six", "E213", "write it like {from:"),
    (OVER + "horizon: {from: 2 h}}}", "horizon", "E102", "write it like {from:"),
    (OVER + "horizon: {from: 2 h, to: 3 h, steps: 4}}}", "steps", "E213", "leave 'steps' out"),
    (OVER + "horizon: {from: 2 h, to: 3 h, scael: log}}}", "scael", "E101", "did you mean 'scale'?"),
    (OVER + "horizon: {from: 2 h, to: 3 h, scale: lgo}}}", "lgo", "E108", "did you mean 'log'?"),
    (OVER + "horizon: {from: 0 h, to: 3 h, scale: log}}}", "0 h", "E213", "leave 'scale' out"),
    (OVER + "spread.speed: {from: .nan, to: 1.0}}}", ".nan", "E006", ""),
    (OVER + "spread.speed: {from: 1 min, to: 9 min}}}", "1 min", "E106", "decimal point"),
    (OVER + "spread.sped: {from: 0.1, to: 0.2}}}", "spread.sped", "E101", "did you mean 'speed'?"),
    (OVER + "sites.clinik.scanners: {from: 1, to: 2}}}", "sites.clinik", "E213", "did you mean 'clinic'?"),
    (OVER + "policies: [[rwoa], [rbsm]]}}", "policies", "E213", "the same for all cells"),
    (OVER + "sample.points: [1, 2]}}", "sample.points", "E213", "the same for all cells"),
    (OVER + "variant: [a, b]}}", "variant", "E213", "name it like"),
    (OVER + "policies.9: [rwoa, rbsm]}}", "policies.9", "E213", "the same for all cells"),
    (SWEPT + OVER + "seed: {from: 1, to: 9}}}", "seed", "E213", "keep one of the two"),
    (SWEPT + OVER + "dispatch: [{every: 3 min}, {every: 1 h}]}}", "dispatch", "E213", "keep one of the two"),
    ("sweep: {dispatch: [{every: 1 h}], dispatch.every: [1 h]}", "dispatch.every", "E207", "keep one"),
    ("sweep: {dispatch.every: [1 h, 60 min]}", "dispatch.every", "E207", "keep one"),
    ("sweep: {horizon: {from: 1 h, to: 2 h, step: 7 min}}", "2 h", "E207", "end at 1.933333333 h or 2.05 h"),
    ("sweep: {seed: {from: 1, to: 5, step: 9}}", "5", "E207", "end at 10"),
    ("sweep: {seed: {from: 1, to: 5, step: 0}}", "0", "E207", "above 0"),
    ("sweep: {seed: {from: 1, to: 5, step: -1}}", "-1", "E207", "above 0"),
    ("sweep: {seed: {from: 1, to: 5, step: 1 h}}", "1 h", "E207", "same kind"),
    ("sweep: {seed: {from: 1, to: 5, step: [1]}}", "[1]", "E207", "same kind"),
    ("sweep: {seed: {from: 1, to: 5000, step: 1}}", "1", "E207", "longer steps"),
    ("sweep: {seed: {from: 1, to: 5, step: 1, steps: 5}}", "step", "E207", "keep one of the two"),
    ("sweep: {seed: {from: 1, to: 5, step: 1, scale: log}}", "step", "E207", "'steps' instead"),
    ("sweep: {seed: {from: -1, to: 5, steps: 3, scale: log}}", "-1", "E207", "ends above 0"),
    ("sweep: {seed: {from: 1, to: 1.0e+30, steps: 3}}", "1.0e+30", "E207", "write it like {from:"),
    ("exclude: [{seed: 1}]", "exclude", "E214", "write a 'sweep'"),
    (SWEPT + "exclude: {seed: 1}", "exclude", "E214", "write it like"),
    (SWEPT + "exclude: []", "exclude", "E214", "write it like"),
    (SWEPT + "exclude: [1]", "1", "E214", "write it like"),
    (SWEPT + "exclude: [{}]", "{}", "E214", "write it like"),
    (SWEPT + "exclude: [{sed: 1}]", "sed", "E214", "did you mean 'seed'?"),
    (SWEPT + "exclude: [{seed: 3}]", "3", "E214", "the values are 1, 2"),
    (SWEPT + "exclude: [{seed: [2, 4]}]", "4", "E214", "the values are 1, 2"),
    (SWEPT + "exclude: [{dispatch.every: 15}]", "15", "E214", "the values are 5 min, 15 min"),
    (SWEPT + "exclude: [{dispatch.every: {from: 6 min, to: 14 min}}]", "6 min", "E214", "5 min, 15 min"),
    (SWEPT + "exclude: [{dispatch.every: {from: 6 min, to: 9}}]", "9", "E214", "units of one kind"),
    (SWEPT + "exclude: [{seed: 1}, {seed: 2}]", "exclude", "E214", "keep at least one point"),
    (SWEPT + "exclude: [{variant: base}]", "variant", "E214", "these vary: dispatch.every, seed"),
    (SAMPLE + "exclude: [{dispatch.every: 10 min}]", "10 min", "E214", "such as {from: 5 min, to: 17.5 min}"),
    (SAMPLE + "exclude: [{dispatch.every: {from: 40 min, to: 1 h}}]", "40 min", "E214", "5 min to 30 min"),
    (SAMPLE + "exclude: [{units.desk.workstations: 7}]", "7", "E214", "from 2 to 6"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=[text[:90] for text, *_ in MISTAKES])
def test_one_mistake_is_one_problem_at_its_place(tmp_path: Path, mistake: tuple[str, str, str, str]) -> None:
    text, marked, code, way_out = mistake
    (problem, *others) = refused(tmp_path, text + "\n")
    assert all(one.code == "E102" for one in others) and (code == "E102") >= bool(others)
    assert problem.code == code
    assert problem.snippet[problem.column - 1 :].startswith(marked)
    assert way_out in problem.help
    assert len(problem.message) < 300


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = (
        "sample: {method: sobl, points: 0, over: {seed: [1], horizon: {from: 1 h, to: 1 h}}}\nsweep: {a: 3}\n"
    )
    assert sorted(one.code for one in refused(tmp_path, text)) == ["E108", "E207", "E213", "E213", "E213"]


def test_too_many_points_are_refused_where_they_come_from(tmp_path: Path) -> None:
    many = SAMPLE.replace("points: 4", "points: 1024")
    (problem,) = refused(tmp_path, many + "sweep: {seed: [1, 2]}\n")
    assert (problem.code, problem.place, problem.message) == (
        "E207", "sweep", "sweep: 2048 cells, at most 2000 fit",
    )  # fmt: skip
    (problem,) = refused(tmp_path, many + "variants: {late: {horizon: 3 h}}\n")
    assert (problem.code, problem.place) == ("E207", "sample")
    huge = ", ".join(f"p{n}: {{from: 1, to: 2000, steps: 2000}}" for n in range(30))
    (problem,) = refused(tmp_path, f"sweep: {{{huge}}}\nexclude: [{{p1: 3}}]\n")
    assert problem.code == "E207"
    assert "at most 2000 fit" in problem.message


def test_what_is_excluded_does_not_count(tmp_path: Path) -> None:
    """2025 points of a grid, of which 45 are run."""
    text = "sweep: {seed: {from: 1, to: 45, step: 1}, dispatch.at_most: {from: 1, to: 45, step: 1}}\n"
    (problem,) = refused(tmp_path, text)
    assert problem.message == "sweep: 2025 cells, at most 2000 fit"
    made = loaded(tmp_path, text + "exclude: [{seed: {from: 45, to: 2}}]\n")
    assert [cell.swept for cell in made.cells] == [
        (("seed", "1"), ("dispatch.at_most", str(number))) for number in range(1, 46)
    ]


def test_an_exclude_may_miss_a_sample_by_chance_within_its_range(tmp_path: Path) -> None:
    text = (
        SAMPLE + "exclude: [{dispatch.every: {from: 5 min, to: 5.001 min}}, {units.desk.workstations: 2}]\n"
    )
    assert len(loaded(tmp_path, text).cells) == 4 - sum(
        cell.units[0].workstations == 2 for cell in loaded(tmp_path, SAMPLE).cells
    )
    assert len(loaded(tmp_path, text, "sample.points=2").cells) == 1


def test_lists_and_mappings_are_values_to_exclude(tmp_path: Path) -> None:
    swept = "sweep: {demand.required: [{urgent: 30 min, routine: 4 h}, {urgent: 1 h, routine: 8 h}], "
    swept += "calendar.holidays: [[2026-03-17], [2026-03-17, 2026-04-06]]}\n"
    lines = (
        "exclude: [{demand.required: {routine: 480 min, urgent: 60 min}, calendar.holidays: [2026-03-17]}]\n"
    )
    made = loaded(tmp_path, swept + lines)
    assert [tuple(value for _, value in cell.swept) for cell in made.cells] == [
        ("urgent 30 min; routine 4 h", "2026-03-17"),
        ("urgent 30 min; routine 4 h", "2026-03-17; 2026-04-06"),
        ("urgent 1 h; routine 8 h", "2026-03-17; 2026-04-06"),
    ]


def test_an_unbalanced_sample_is_a_warning(tmp_path: Path) -> None:
    (warning,) = loaded(tmp_path, SAMPLE.replace("points: 4", "points: 6")).warnings
    assert (warning.code, warning.place, warning.help) == ("W313", "sample.points", "take 4 or 8")
    few = "sample: {method: latin-hypercube, points: 9, over: {units.desk.workstations: {from: 2, to: 4}}}\n"
    made = loaded(tmp_path, few)
    assert [one.code for one in made.warnings] == ["W313"]
    assert "only 3 of the 9 points differ" in made.warnings[0].message
    assert sorted(cell.units[0].workstations for cell in made.cells) == [2, 3, 4]


def test_whole_ends_where_fractions_are_allowed_are_a_warning(tmp_path: Path) -> None:
    other = "spread.skill: {from: 0.1, to: 0.2}"
    text = f"sample: {{method: sobol, points: 4, over: {{lookup_factor: {{from: 1, to: 2}}, {other}}}}}\n"
    (warning,) = loaded(tmp_path, text).warnings
    assert (warning.code, warning.place) == ("W313", "sample.over.lookup_factor")
    assert "write 1.0" in warning.help
    assert loaded(tmp_path, text.replace("from: 1,", "from: 1.0,")).warnings == ()


WAYS = [
    f"sweep: {{{RATE}: [4 Mbit/s, 8 Mbit/s]}}",
    f"sweep: {{{RATE}: [4000 kbit/s, 0.008 Gbit/s]}}",
    f"sweep: {{{RATE}: {{from: 4 Mbit/s, to: 8 Mbit/s, steps: 2}}}}",
    f"sweep: {{{RATE}: {{from: 4 Mbit/s, to: 8000 kbit/s, step: 4000000 bit/s}}}}",
    f"sweep: {{{RATE}: {{from: 4 Mbit/s, to: 8 Mbit/s, steps: 2, scale: log}}}}",
    f"sweep: {{{RATE}: [4 Mbit/s, 8 Mbit/s, 9 Mbit/s]}}\nexclude: [{{{RATE}: 9000 kbit/s}}]",
    f"variants: {{late: {{dispatch: {{every: 15 min}}}}}}\nsweep: {{{RATE}: [4 Mbit/s]}}",
]


def keys(cells: tuple[Scenario, ...]) -> list[list[str]]:
    """The keys of every cell's runs."""
    found: dict[int, list[str]] = {}
    for task in campaign(cells).tasks():
        found.setdefault(task.cell, []).append(task.key)
    return list(found.values())


def test_a_run_is_known_by_its_values_however_they_are_written(tmp_path: Path) -> None:
    first, *others = (keys(loaded(tmp_path, text + "\n").cells) for text in WAYS[:6])
    assert len(first) == 2
    assert len(set(first[0]) | set(first[1])) == len(first[0]) + len(first[1])
    assert all(other == first for other in others)
    single = [keys(loaded(tmp_path, "", f"{RATE}={rate} Mbit/s").cells)[0] for rate in (4, 8)]
    assert single == first
    assert keys(loaded(tmp_path, WAYS[6] + "\n").cells) == [first[0], first[0]]


def test_a_sampled_value_written_by_hand_is_the_same_run(tmp_path: Path) -> None:
    made = loaded(tmp_path, SAMPLE)
    wanted = keys(made.cells)
    for cell, key in zip(made.cells, wanted, strict=True):
        by_hand = "".join(f"{place}: [{value}], " for place, value in cell.swept)
        assert keys(loaded(tmp_path, f"sweep: {{{by_hand}}}\n").cells) == [key]
    assert keys(tuple(replace(cell, swept=()) for cell in made.cells)) == wanted


@pytest.mark.parametrize(("one", "other"), [("1.1 h", "66 min"), ("0.7 h", "2520 s"), ("2.3 min", "138 s")])
def test_an_amount_is_one_number_in_any_unit(tmp_path: Path, one: str, other: str) -> None:
    written_so, otherwise = (loaded(tmp_path, f"horizon: {text}\n").cells[0] for text in (one, other))
    assert written_so.horizon_s == otherwise.horizon_s
    assert keys((written_so,)) == keys((otherwise,))


def test_overrides_reach_within_sweep_sample_and_exclude(tmp_path: Path) -> None:
    text = (
        SAMPLE
        + "sweep: {seed: {from: 1, to: 3, steps: 3}}\nexclude: [{seed: 2, units.desk.workstations: 6}]\n"
    )
    cells = loaded(
        tmp_path, text, "sample.points=8", "sweep.seed.to=4", "sweep.seed.steps=2", "exclude=null"
    ).cells
    assert [cell.seed for cell in cells] == [1] * 8 + [4] * 8
    fewer = loaded(
        tmp_path, text, f"sample.over.{RATE}.to=5 Mbit/s", "sample.over.units.desk.workstations=[3, 6]",
        "exclude.0.units.desk.workstations=3", "sweep.spread.skill=[0.1, 0.2]",
    )  # fmt: skip
    assert fewer.sweep_columns == ("seed", "spread.skill", *COLUMNS)
    assert all(4e6 <= cell.sites[0].access.up_bps < 5e6 for cell in fewer.cells)
    assert {(cell.seed, cell.units[0].workstations) for cell in fewer.cells} == {
        (1, 3), (1, 6), (2, 6), (3, 3), (3, 6),
    }  # fmt: skip
    assert loaded(tmp_path, text, "sample=null", "exclude=null").sweep_columns == ("seed",)
    (problem,) = refused(tmp_path, text, "sample.points=0")
    assert (problem.code, problem.file) == ("E213", "--set sample.points=0")


def test_the_ledger_covers_sampled_places(tmp_path: Path) -> None:
    text = SAMPLE + 'sources: {dispatch.every: {assumed: "sampled"}}\n'
    made = loaded(tmp_path, text)
    assert all("sampled" in {source.reason for source in cell.sources} for cell in made.cells)
    assert [one.code for one in made.warnings] == []


def test_show_and_diff_know_samples_and_excludes(tmp_path: Path) -> None:
    file = written(
        tmp_path, SAMPLE + SWEPT.replace("dispatch.every: [5 min, 15 min], ", "") + "exclude: [{seed: 2}]\n"
    )
    shown = CliRunner().invoke(cli, ["show", str(file)])
    assert shown.exit_code == 0, shown.output
    assert "sample:\n  method: sobol" in shown.output
    assert f"    {RATE}: {{from: 4 Mbit/s" in shown.output or f"    {RATE}:\n" in shown.output
    assert "- {seed: 2}" in shown.output
    other = tmp_path / "other.yaml"
    other.write_text(
        f"extends: s.yaml\nsample: {{points: 8, over: {{{RATE}: {{to: 20 Mbit/s}}}}}}\n", encoding="utf-8"
    )
    told = CliRunner().invoke(cli, ["diff", str(file), str(other)]).output
    assert "sample.points: 4 -> 8" in told
    assert f"sample.over.{RATE}.to: 16 Mbit/s -> 20 Mbit/s" in told
    told = CliRunner().invoke(cli, ["diff", "tiny/one-unit", str(file), "--json"]).output
    assert {json.loads(line)["place"] for line in told.splitlines()} == {"sample", "sweep", "exclude"}


def test_cells_and_runs_are_counted_before_anything_runs(tmp_path: Path) -> None:
    file = written(
        tmp_path, SAMPLE + "sweep: {seed: [1, 2]}\nexclude: [{seed: 2, units.desk.workstations: [2, 3]}]\n"
    )
    number = len(load(file).cells)
    assert 4 < number < 8
    counted = f"{number} cells x 4 policies x 2 replications = {number * 8} runs"
    assert f": ok: {counted}, 12 inspections" in CliRunner().invoke(cli, ["validate", str(file)]).output
    dry = CliRunner().invoke(cli, ["run", str(file), "--dry-run", "-o", str(tmp_path / "none")])
    assert dry.stdout.startswith(f"{counted}, 0 of them stored\n")
    assert f"  {RATE}: " in dry.stdout
