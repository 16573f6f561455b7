"""What is wrong in a layer of a scenario (extending file, variant, ``--set``) is told as that layer's."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.domain.events import Absence
from simgrid.domain.scenario import Scenario
from simgrid.scenario import Problem, ScenarioInvalid, load, shipped_names

BASE = """extends: tiny/one-unit.yaml
variants:
  late: {dispatch: {every: 1 h}}
"""


def refused(folder: Path, text: str, *overrides: str) -> tuple[Problem, ...]:
    file = folder / "child.yaml"
    file.write_text(text, encoding="utf-8")
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file, overrides)
    return caught.value.problems


def marked(problem: Problem) -> str:
    return problem.snippet[problem.column - 1 : problem.column - 1 + problem.length]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("baseline: null", "baseline"),
        ("radiologists: {adda: null}", "radiologists.adda"),
        ("radiologists: {ada: {speed: null}}", "radiologists.ada.speed"),
        ("clients: {far: {link: null}}", "clients.far.link"),
        ("variants: {latte: null}", "variants.latte"),
        ("sweep: null", "sweep"),
    ],
)
def test_a_null_below_a_file_removes_something_or_is_an_error(
    tmp_path: Path, change: str, place: str
) -> None:
    found = [
        one for one in refused(tmp_path, f"extends: base.yaml\n{change}\n") if one.code != "E102"
    ]  # a client without its link is refused for that as well
    (problem,) = found
    assert (problem.code, problem.place, problem.line) == ("E211", place, 2)
    assert marked(problem) == place.rpartition(".")[2]
    assert Path(problem.file).name == "child.yaml"


def test_every_idle_null_of_a_chain_is_told_with_the_other_mistakes(tmp_path: Path) -> None:
    (tmp_path / "middle.yaml").write_text(
        "extends: base.yaml\nradiologists: {adda: null}\n", encoding="utf-8"
    )
    text = "extends: middle.yaml\nbaseline: null\nhorizon: 60\n"
    found = refused(tmp_path, text)
    assert [(one.code, Path(one.file).name) for one in found] == [
        ("E211", "child.yaml"),
        ("E104", "child.yaml"),
        ("E211", "middle.yaml"),
    ]
    cut = refused(tmp_path, text.replace("horizon: 60", "sweep: {horizon: 60}"))
    assert [one.code for one in cut] == ["E211", "E207", "E211"]


@pytest.mark.parametrize("place", ["baseline", "radiologists.adda", "constraints.transfer_limit"])
def test_a_null_after_set_removes_something_or_is_an_error(tmp_path: Path, place: str) -> None:
    (problem,) = refused(tmp_path, "extends: base.yaml\n", f"{place}=null")
    assert (problem.code, problem.place, marked(problem)) == ("E211", place, place)


def test_nulls_that_remove_are_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE + "  early: {dispatch: {every: 5 min}}\n", encoding="utf-8")
    file = tmp_path / "child.yaml"
    file.write_text(
        "extends: base.yaml\nradiologists: {ben: null}\nbaseline: rbsm\n"
        "variants: {early: null, late: {give_up_after: null}}\n",
        encoding="utf-8",
    )
    base, late = load(file, ["baseline=null"]).cells
    assert [one.name for one in base.radiologists] == ["ada"]
    assert base.baseline == "manual"
    assert late.give_up_s != base.give_up_s


def test_no_shipped_scenario_has_an_idle_null() -> None:
    for name in shipped_names():
        assert load(name).cells


@pytest.mark.parametrize(
    ("change", "code", "place", "mark"),
    [
        ("{horizon: 3}", "E104", "variants.late.horizon", "3"),
        ("{horzion: 3 h}", "E101", "variants.late.horzion", "horzion"),
        ("{radiologists: {ada: {unit: desc}}}", "E201", "variants.late.radiologists.ada.unit", "desc"),
        ("{clients: {far: {retrievals: 1 /h}}}", "E102", "variants.late.clients.far.link", "far"),
        (
            "{demand: {mix: {modalities: {CT: 40 %}}}}",
            "E209",
            "variants.late.demand.mix.modalities",
            "modalities",
        ),
    ],
)
def test_a_mistake_in_a_variant_is_placed_in_it(
    tmp_path: Path, change: str, code: str, place: str, mark: str
) -> None:
    problem = next(
        one
        for one in refused(tmp_path, f"extends: tiny/one-unit.yaml\nvariants: {{late: {change}}}\n")
        if one.code == code
    )
    assert (problem.place, marked(problem)) == (place, mark)
    assert f"  ({place})" in problem.render()
    assert f'"place": "{place}"' in problem.as_json()


def test_a_mistake_outside_a_variant_is_not(tmp_path: Path) -> None:
    text = "extends: tiny/one-unit.yaml\nhorizon: 60\nvariants: {late: {dispatch: {every: 1 h}}}\n"
    assert [(one.code, one.place) for one in refused(tmp_path, text)] == [("E104", "horizon")]


def test_a_warning_in_a_variant_is_placed_in_it(tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(
        "extends: tiny/one-unit.yaml\nvariants: {slow: {sites: {clinic: {link: {bandwidth: 1 kbit/s}}}}}\n",
        encoding="utf-8",
    )
    places = {one.code: one.place for one in load(file).warnings}
    assert places["W303"] == "variants.slow.sites.clinic.link"
    assert places["W305"].startswith("demand.required")  # it stands outside, and is marked there


LISTS = """extends: tiny/one-unit.yaml
events:
  - {at: 2026-01-05 09:00, for: 1 h, link_down: clinic}
  - {at: 2026-01-05 11:00, for: 1 h, absent: ada}
"""


def cell(folder: Path, text: str, *overrides: str) -> Scenario:
    file = folder / "s.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file, overrides).cells[0]


def test_set_reaches_an_entry_of_a_list_and_leaves_the_others(tmp_path: Path) -> None:
    before = cell(tmp_path, LISTS).events
    whole = cell(tmp_path, LISTS, "events.0={at: 2026-01-05 10:00, for: 30 min, absent: ben}").events
    assert whole == (Absence("ben", 7200.0, 9000.0), before[1])
    part = cell(tmp_path, LISTS, "events.1.for=2 h", "policies.1=random").events
    assert part == (before[0], Absence("ada", 10_800.0, 18_000.0))
    assert cell(tmp_path, LISTS, "events.0=null").events == before[1:]
    policies = cell(tmp_path, LISTS, "policies.1=random", "radiologists.ada.reads.1=MR")
    assert [one.name for one in policies.policies] == ["rwoa", "random", "round-robin", "manual"]
    assert policies.radiologists[0].reads == {"CT", "MR"}


@pytest.mark.parametrize(
    "place", ["events.2", "events.2.for", "events.-1", "events.first", "policies.9999999"]
)
@pytest.mark.parametrize("value", ["1 h", "null"])
def test_set_of_an_entry_that_a_list_has_not_is_told_there(tmp_path: Path, place: str, value: str) -> None:
    (problem,) = refused(tmp_path, LISTS, f"{place}={value}")
    assert (problem.code, problem.file, marked(problem)) == ("E009", f"--set {place}={value}", place)
    block, entry = place.split(".")[:2]
    many, last = (2, 1) if block == "events" else (4, 3)
    assert problem.message == f"{block}: '{entry}' is no entry of this list of {many} entries"
    assert problem.help == f"its entries are {block}.0 to {block}.{last}; or give the whole list"


def test_a_wrong_value_for_an_entry_stands_at_the_set(tmp_path: Path) -> None:
    for override in ("events.0.for=[1 h]", "events.0.for=1", "policies.0={name: 3}"):
        (problem,) = refused(tmp_path, LISTS, override)
        assert problem.file == f"--set {override}"


def test_a_sweep_reaches_an_entry_of_a_list_too(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"{LISTS}sweep: {{events.0.for: [1 h, 2 h]}}\n", encoding="utf-8")
    found = [one.events for one in load(file).cells]
    assert [one[0].end_s - one[0].start_s for one in found] == [3600.0, 7200.0]
    assert found[0][1] == found[1][1]
    (problem,) = refused(tmp_path, f"{LISTS}sweep: {{events.2.for: [1 h, 2 h]}}\n")
    assert (problem.code, marked(problem)) == ("E207", "events.2.for")
    assert "events.0 to events.1" in problem.help


def test_sites_of_the_file_that_is_extended_count_too_and_the_help_says_which(tmp_path: Path) -> None:
    own = "extends: planning/outage\nsites:\n  north: {link: {bandwidth: 9 Mbit/s}, demand: {share: 100 %}}\n"
    (problem,) = refused(tmp_path, own)
    assert (problem.code, problem.place) == ("E209", "sites")
    assert "200 %" in problem.message
    assert problem.help.startswith("harbour, valley of ")
    assert problem.help.endswith(
        "outage.yaml count too: remove what you do not want with harbour: null, valley: null"
    )
    (cell, *_) = load_text(tmp_path, own + "  harbour: null\n  valley: null\n")
    assert [site.name for site in cell.sites] == ["north"]
    (problem,) = refused(tmp_path, "extends: planning/outage\n", "sites.valley.demand.share=50%")
    assert problem.help == "make them add up to 100 %"


def load_text(folder: Path, text: str) -> tuple[Scenario, ...]:
    (folder / "child.yaml").write_text(text, encoding="utf-8")
    return load(folder / "child.yaml").cells
