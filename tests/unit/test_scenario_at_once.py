"""A planner sees everything that is wrong with a scenario in one go, with the place that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.experiments.installed import installed
from simgrid.scenario import Problem, ScenarioInvalid, load


def problems(folder: Path, text: str, **how: bool) -> list[Problem]:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file, (), installed(), **how)
    return list(caught.value.problems)


WRONG = """extends: planning/region
targets:
  urgent: {of: urgency=urgent, within: 60 min, share: 120 %}
  tail: {metric: tat_p95_mni, at_most: 120 min}
costs:
  radiologists: 85 EUR
  radiologist.night: 5 EUR/h
plan:
  vary:
    radiologists.evning.count: 1..3
    radiologists.night.cuont: 1..3
    units.hub.link.bandwidth: [1 Mbit/s, 1 furlong]
    radiologists.evening.count: 3..1
"""


@pytest.mark.parametrize("planned", [False, True])
def test_what_varies_what_must_hold_and_what_it_costs_are_refused_together(
    tmp_path: Path, planned: bool
) -> None:
    found = problems(tmp_path, WRONG, planned=planned)
    assert [(one.line, one.code) for one in found] == [
        (3, "E107"),
        (4, "E201"),
        (6, "E104"),
        (7, "E219"),
        (10, "E217"),
        (11, "E101"),
        (12, found[6].code),
        (13, "E217"),
    ]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("radiologists.evning.count", "radiologists.evening.count"),
        ("radiologists.evning.hours", "radiologists.evening.hours"),
        ("units.hbu.link.bandwidth", "units.hub.link.bandwidth"),
        ("units.hbu.link.bandwith", "units.hub.link.bandwidth"),
    ],
)
def test_a_misspelt_place_is_answered_with_the_whole_place(tmp_path: Path, given: str, meant: str) -> None:
    (found,) = problems(tmp_path, f"extends: planning/region\nplan: {{vary: {{{given}: 1..3}}}}\n")
    assert found.help == f"did you mean '{meant}'?"


def test_a_sweep_that_cannot_be_does_not_hide_the_rest(tmp_path: Path) -> None:
    text = "extends: tiny/one-unit\nhorizon: 1 fortnight\nsweep: {dispatch.every: []}\n"
    assert [one.place for one in problems(tmp_path, text)] == ["horizon", "sweep.dispatch.every"]


def test_a_metric_beside_an_inherited_share_names_both_lines_and_the_way_out(tmp_path: Path) -> None:
    text = "extends: planning/region\ntargets:\n  urgent: {metric: tat_p95_min, at_most: 120 min}\n"
    (found,) = problems(tmp_path, text)
    assert "metric (mine.yaml:3), within (region.yaml:" in found.message
    assert "share (region.yaml:" in found.message
    assert "add within: null, share: null here" in found.help
    text = text.replace("min}", "min, within: null, share: null}")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "mine.yaml", (), installed()).cells[0].targets[0].metric == "tat_p95_min"
    (found,) = problems(tmp_path, text.replace("within: null", "within: 5 min"))
    assert "within (mine.yaml:3)" in found.message
    assert "make two targets of it" in found.help
