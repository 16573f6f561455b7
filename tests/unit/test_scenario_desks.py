"""Desks in the scenario language: rules, shared monitors, cherry-picking, feedback."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.domain.desk_rules import DeskRules, SessionSpeedUp
from simgrid.domain.feedback import Feedback
from simgrid.domain.reporting_unit import SharedMonitors
from simgrid.domain.scenario import Scenario
from simgrid.experiments.assemble import setting_of
from simgrid.experiments.draw import draw_world
from simgrid.scenario import ScenarioInvalid, load


def cell(tmp_path: Path, more: str) -> Scenario:
    path = tmp_path / "child.yaml"
    path.write_text(f"extends: templates/minimal\n{more}")
    (found,) = load(path).cells
    return found


def problems(tmp_path: Path, more: str) -> list[tuple[str, str]]:
    with pytest.raises(ScenarioInvalid) as refused:
        cell(tmp_path, more)
    return [(one.code, one.message) for one in refused.value.problems]


def test_absent_is_off_and_defaults_are_ideal(tmp_path: Path) -> None:
    assert cell(tmp_path, "seed: 2\n").grid.reading is None
    assert cell(tmp_path, "grid: {reading: {}}\n").grid.reading == DeskRules()
    assert cell(tmp_path, "grid: {feedback: {}}\n").grid.feedback == Feedback(7 * 86400.0, 100.0)
    assert all(not one.cherry_picking for one in cell(tmp_path, "seed: 2\n").radiologists)


def test_every_rule_has_its_words(tmp_path: Path) -> None:
    rules = "end_of_shift: hand-over, interruption: true, resume: 45 s, session: {speed_up: 9 %}"
    text = f"grid: {{reading: {{{rules}}}}}\n"
    assert cell(tmp_path, text).grid.reading == DeskRules(
        "hand-over", True, 45.0, SessionSpeedUp(0.09, 3600.0)
    )


def test_shared_monitors_beside_or_instead_of_those_at_the_desks(tmp_path: Path) -> None:
    beside = cell(tmp_path, "units: {main: {monitor: 2 MP, monitors: {count: 4, megapixels: 3}}}\n").units[0]
    assert (beside.monitor_megapixels, beside.monitors) == (2.0, SharedMonitors(4, 3.0))
    alone = cell(tmp_path, "units: {main: {monitor: null, monitors: {count: 4, megapixels: 5 MP}}}\n")
    assert (alone.units[0].monitor_megapixels, alone.units[0].shared_megapixels) == (0.0, 5.0)
    assert setting_of(alone, 0).team.monitor_suffices.all()


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ("units: {main: {monitor: null}}\n", "E102", "'monitor' is missing"),
        ("units: {main: {monitors: {count: 0, megapixels: 3}}}\n", "E107", "0"),
        ("units: {main: {monitors: {count: 1, megapixels: 0}}}\n", "E107", "out of range"),
        ("units: {main: {monitors: {count: 1, megapixels: true}}}\n", "E106", "resolution"),
        ("grid: {reading: {end_of_shift: go-home}}\n", "E108", "go-home"),
        ("grid: {reading: {resume: 45}}\n", "E104", "45 has no unit"),
        ("grid: {reading: {session: {speed_up: 120 %}}}\n", "E107", "120 %"),
        ("grid: {feedback: {weight: 0}}\n", "E107", "0"),
        ("radiologists: {ada: {cherry_picking: 101 %}}\n", "E107", "101 %"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(tmp_path: Path, more: str, code: str, said: str) -> None:
    found = problems(tmp_path, more)
    assert [one for one in found if one[0] == code and said in one[1]], found


def test_who_picks_is_drawn_once_a_world_and_a_higher_share_only_adds(tmp_path: Path) -> None:
    def picking(share: str, replication: int) -> tuple[bool, ...]:
        text = f"radiologists: {{ada: {{count: 40, cherry_picking: {share}}}}}\n"
        return draw_world(cell(tmp_path, text), replication, ()).cherry_picking

    few, more = picking("30 %", 0), picking("60 %", 0)
    assert 0 < sum(few) < sum(more) < 40
    assert all(later for earlier, later in zip(few, more, strict=True) if earlier)
    assert picking("30 %", 1) != few
    assert sum(picking("100 %", 0)) == 40
