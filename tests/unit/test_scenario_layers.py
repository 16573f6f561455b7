"""What is wrong in a layer of a scenario (extending file, variant, ``--set``) is told as that layer's."""

from __future__ import annotations

from pathlib import Path

import pytest

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
