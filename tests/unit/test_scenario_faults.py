"""Connections that fail or have hours, incidents, agents and people that fall out: as they are written."""

from __future__ import annotations

import math
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from simgrid.domain.events import AgentDown, Illness, LinkLimit
from simgrid.domain.lines import Failures, Line
from simgrid.domain.scenario import Scenario
from simgrid.domain.schedule import Roster
from simgrid.domain.units import DAY, HOUR, MINUTE
from simgrid.experiments.assemble import run_journal, setting_of
from simgrid.experiments.identity import cell_digest
from simgrid.scenario import Problem, ScenarioInvalid, load
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree

LINK = "sites: {clinic: {link: {bandwidth: 10 Mbit/s, %s}}}\n"
WHOLE_DAYS = "horizon: 40 d\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "s.yaml"
    file.write_text("extends: tiny/one-unit.yaml\n" + text, encoding="utf-8")
    return file


def cell(folder: Path, text: str) -> Scenario:
    """As it should be, for us and for editors."""
    file = written(folder, text)
    jsonschema.Draft202012Validator(json_schema()).validate(
        read_tree(Source("s", file.read_text(encoding="utf-8"))).plain()
    )
    loaded = load(file)
    assert loaded.warnings == ()
    return loaded.cells[0]


def refused(folder: Path, text: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioInvalid) as caught:
        load(written(folder, text))
    return caught.value.problems


def test_outages_are_drawn_anew_in_every_world_and_belong_to_the_place(tmp_path: Path) -> None:
    one = cell(tmp_path, WHOLE_DAYS + LINK % "outages: {mtbf: 2 d, mttr: 3 h}")
    assert one.lines == {"clinic": Line(Failures(2 * DAY, 3 * HOUR))}
    first, second = (setting_of(one, replication).world.events for replication in (0, 1))
    assert first != second
    assert first == setting_of(one, 0).world.events
    assert {event.place for event in first if isinstance(event, LinkLimit)} == {"clinic"}
    assert all(event.up_bps == event.down_bps == 0.0 for event in first if isinstance(event, LinkLimit))
    both = cell(
        tmp_path,
        WHOLE_DAYS
        + LINK % "outages: {mtbf: 2 d, mttr: 3 h}"
        + "data_centre: {link: {bandwidth: 100 Mbit/s, outages: {mtbf: 5 d, mttr: 1 h}}}\n",
    )
    mixed = setting_of(both, 0).world.events
    assert [event for event in mixed if event.place == "clinic"] == list(first)  # type: ignore[union-attr]
    assert len(mixed) > len(first)


def test_a_night_is_minute_by_minute_and_on_the_days_named(tmp_path: Path) -> None:
    every = cell(tmp_path, LINK % 'night: {factor: 30 %, hours: "22:30-06:00"}')
    limits = setting_of(every, 0).world.recurring
    # The scenario starts on Monday at 8.
    assert limits[0] == LinkLimit("clinic", 14.5 * HOUR, 22 * HOUR, 3e6, 3e6)
    assert len(limits) == 2
    friday = cell(tmp_path, "horizon: 10 d\n" + LINK % 'night: {factor: 0 %, hours: "Fri 20:00-24:00"}')
    spans = [(one.start_s, one.up_bps) for one in setting_of(friday, 0).world.recurring]
    assert spans == [(4 * DAY + 12 * HOUR, 0.0), (11 * DAY + 12 * HOUR, 0.0)]


def test_factors_by_hour(tmp_path: Path) -> None:
    factors = [0.5] * 12 + [1.0] * 12
    one = cell(tmp_path, LINK % f"by_hour: {factors}")
    limits = setting_of(one, 0).world.recurring
    assert limits[0] == LinkLimit("clinic", 0.0, 4 * HOUR, 5e6, 5e6)
    assert limits[1] == LinkLimit("clinic", 16 * HOUR, 28 * HOUR, 5e6, 5e6)


def test_a_mobile_site_is_connected_at_its_hours_only(tmp_path: Path) -> None:
    text = 'sites: {clinic: {link: {bandwidth: 10 Mbit/s}, connected: "Mon-Fri 09:00-10:00"}}\n'
    one = cell(tmp_path, text)
    limits = setting_of(one, 0).world.recurring
    gaps = Roster.of((limit.start_s, limit.end_s) for limit in limits)
    assert all(limit.up_bps == limit.down_bps == 0.0 for limit in limits)
    assert [gaps.on_duty(at_s) for at_s in (0.0, HOUR, 2 * HOUR, DAY + 1.5 * HOUR)] == [
        True, False, True, False
    ]  # fmt: skip
    journal = run_journal(one, one.policies[0], 0)
    into_day = (journal.inspections.uploaded_s + 8 * HOUR) % DAY
    assert np.all((into_day > 9 * HOUR) & (into_day <= 10 * HOUR))


def test_incidents_are_events_and_their_content_is_in_the_key(tmp_path: Path) -> None:
    table = tmp_path / "incidents.csv"
    table.write_text("link,started_at,ended_at\nclinic,2026-01-05 09:00,2026-01-05 09:40\n")
    one = cell(tmp_path, "incidents: incidents.csv\n")
    assert one.events == (LinkLimit("clinic", HOUR, HOUR + 40 * MINUTE),)
    before = cell_digest(one)
    assert cell_digest(cell(tmp_path, "incidents: incidents.csv\n")) == before
    table.write_text("link,started_at,ended_at\nclinic,2026-01-05 09:00,2026-01-05 09:41\n")
    assert cell_digest(cell(tmp_path, "incidents: incidents.csv\n")) != before


def test_rows_that_cannot_be_used_are_listed_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text(
        "link;started_at;ended_at\nclinic;2026-01-05 09:00;\nclinik;2026-01-05 09:00;\ndesk;soon;\n"
    )
    loaded = load(written(tmp_path, "incidents: i.csv\n"))
    assert loaded.cells[0].events == (LinkLimit("clinic", HOUR, math.inf),)
    (warning,) = loaded.warnings
    assert (warning.code, warning.place, warning.line) == ("W309", "incidents", 2)
    assert "2 of 3 rows of i.csv are not used: line 3, link 'clinik': no such place" in warning.message
    assert "line 4, started_at 'soon'" in warning.message
    assert warning.help == "the other 1 is; mend or remove these"


def test_agents_and_people_fall_out(tmp_path: Path) -> None:
    one = cell(
        tmp_path,
        "grid: {agents: {faults: {mtbf: 1 d, mttr: 2 h}}}\n"
        "events: [{at: 2026-01-05 09:00, for: 1 h, agent_down: clinic},"
        " {at: 2026-01-05 09:00, for: 2 h, ill: ada, desk: hand-over}]\n",
    )
    assert one.events == (AgentDown("clinic", HOUR, 2 * HOUR), Illness("ada", HOUR, 3 * HOUR, True))
    world = setting_of(one, 0).world
    drawn = [event for event in world.events if isinstance(event, AgentDown)]
    assert {event.place for event in drawn} == {"clinic", "desk"}
    assert len(drawn) > 1
    ada = [radiologist.name for radiologist in world.radiologists].index("ada")
    assert world.planned_rosters[ada].on_duty(1.5 * HOUR)
    assert not world.rosters[ada].on_duty(1.5 * HOUR)
    assert setting_of(cell(tmp_path, ""), 0).world.planned_rosters == ()


@pytest.mark.parametrize(
    ("text", "code", "place", "said"),
    [
        (LINK % "outages: {mtbf: 2 d}", "E102", "sites.clinic.link.outages.mttr", "is missing"),
        (LINK % "outages: {mtbf: 2, mttr: 1 h}", "E104", "sites.clinic.link.outages.mtbf", "no unit"),
        (LINK % 'night: {factor: 0.3, hours: "22:00-06:00"}', "E104", "sites.clinic.link.night.factor", "%"),
        (LINK % 'night: {factor: 30 %, hours: "at night"}', "E109", "sites.clinic.link.night.hours", "at"),
        (LINK % "by_hour: [1.0, 0.5]", "E107", "sites.clinic.link.by_hour", "2 factors"),
        (LINK % "by_hour: [2.0]", "E107", "sites.clinic.link.by_hour", "2.0"),
        ("incidents: nowhere.csv\n", "E208", "incidents", "no such file: nowhere.csv"),
        ("events: [{at: 2026-01-05, for: 1 h, agent_down: clinic}]\n", "E201", "events[0].agent_down", "off"),
        (
            "grid: {agents: {}}\nevents: [{at: 2026-01-05, for: 1 h, agent_down: clinik}]\n",
            "E201",
            "events[0].agent_down",
            "clinik",
        ),
        ("events: [{at: 2026-01-05, for: 1 h, ill: adda}]\n", "E201", "events[0].ill", "adda"),
        ("events: [{at: 2026-01-05, for: 1 h, absent: ada, desk: stays}]\n", "E112", "events[0]", "desk"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(
    tmp_path: Path, text: str, code: str, place: str, said: str
) -> None:
    problems = refused(tmp_path, text)
    found = [one for one in problems if one.code == code]
    assert found, problems
    assert found[0].place.startswith(place)
    assert said in found[0].message + found[0].help


def test_hours_and_failures_are_part_of_the_key_and_their_absence_is_not(tmp_path: Path) -> None:
    plain = cell_digest(cell(tmp_path, ""))
    texts = [
        "outages: {mtbf: 2 d, mttr: 3 h}",
        "outages: {mtbf: 2 d, mttr: 4 h}",
        "by_hour: " + str([0.5] * 24),
    ]
    keys = [cell_digest(cell(tmp_path, LINK % text)) for text in texts]
    assert len({plain, *keys}) == 4
