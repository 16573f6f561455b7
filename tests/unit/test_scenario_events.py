"""Events as a scenario declares them: both forms, local time, what is refused and what is odd."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from simgrid.domain.events import Absence, Event, LinkLimit
from simgrid.domain.units import DAY, HOUR
from simgrid.experiments.assemble import setting_of
from simgrid.experiments.identity import cell_digest
from simgrid.scenario import Problem, ScenarioInvalid, load
from simgrid.scenario.differences import differences
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree
from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.rules import Rules

AT_NINE = "at: 2026-01-05 09:00"
"""An hour after the start of tiny/one-unit, whose last request comes within two."""
LATE_MARCH = "calendar: {start: 2026-03-27, zone: Europe/Dublin}\nhorizon: 5 d\n"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text("extends: tiny/one-unit.yaml\n" + text, encoding="utf-8")
    return file


def events(tmp_path: Path, text: str, *overrides: str) -> tuple[Event, ...]:
    """The events of a scenario that is as it should be, for us and for editors."""
    file = written(tmp_path, text)
    plain = read_tree(Source("s", file.read_text(encoding="utf-8"))).plain()
    jsonschema.Draft202012Validator(json_schema()).validate(plain)
    loaded = load(file, overrides)
    assert loaded.warnings == ()
    return loaded.cells[0].events


def refused(tmp_path: Path, text: str, *overrides: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioInvalid) as caught:
        load(written(tmp_path, text), overrides)
    return caught.value.problems


def underlined(problem: Problem) -> str:
    return problem.snippet[problem.column - 1 : problem.column - 1 + problem.length]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("for: 6 h, link_down: clinic", [LinkLimit("clinic", HOUR, 7 * HOUR)]),
        ("until: 2026-01-05 15:00, link_down: clinic", [LinkLimit("clinic", HOUR, 7 * HOUR)]),
        ("until: 2026-01-06, link_down: desk", [LinkLimit("desk", HOUR, 16 * HOUR)]),
        ("for: 30 min, link_down: data-centre", [LinkLimit("data-centre", HOUR, 1.5 * HOUR)]),
        (
            "for: 1 h, link_bandwidth: {clinic: 5 Mbit/s, desk: 6500 kbit/s}",
            [LinkLimit("clinic", HOUR, 2 * HOUR, 5e6, 5e6), LinkLimit("desk", HOUR, 2 * HOUR, 6.5e6, 6.5e6)],
        ),
        ("for: 1 d, absent: ada", [Absence("ada", HOUR, HOUR + DAY)]),
    ],
)
def test_one_event(tmp_path: Path, event: str, expected: list[Event]) -> None:
    assert list(events(tmp_path, f"events: [{{{AT_NINE}, {event}}}]")) == expected


def test_an_outage_in_a_variant_as_drawn(tmp_path: Path) -> None:
    text = "variants: {outage: {events: [{at: 2026-01-05 09:00, for: 6 h, link_down: clinic}]}}"
    loaded = load(written(tmp_path, text))
    assert loaded.warnings == ()
    base, outage = loaded.cells
    assert (base.events, outage.events) == ((), (LinkLimit("clinic", HOUR, 7 * HOUR),))
    assert cell_digest(base) != cell_digest(outage)
    assert base.canonical != outage.canonical


NAMED = f"events: {{storm: {{{AT_NINE}, for: 6 h, link_down: clinic}}}}\n"


def test_a_named_event_can_be_overridden_varied_swept_and_removed(tmp_path: Path) -> None:
    assert events(tmp_path, NAMED) == (LinkLimit("clinic", HOUR, 7 * HOUR),)
    assert events(tmp_path, NAMED, "events.storm.for=2 h") == (LinkLimit("clinic", HOUR, 3 * HOUR),)
    assert events(tmp_path, NAMED, "events.storm=null") == ()
    text = NAMED + "sweep: {events.storm.for: {from: 1 h, to: 3 h, steps: 3}}\n"
    text += "variants: {ill: {events: {flu: {at: 2026-01-05 08:00, for: 1 d, absent: ben}}}}\n"
    cells = load(written(tmp_path, text)).cells
    assert [len(cell.events) for cell in cells] == [1, 1, 1, 2, 2, 2]
    assert [cell.events[0].end_s / HOUR for cell in cells] == [2, 3, 4] * 2


def test_both_forms_mean_the_same(tmp_path: Path) -> None:
    listed = f"events: [{{{AT_NINE}, for: 6 h, link_down: clinic}}]"
    assert events(tmp_path, NAMED) == events(tmp_path, listed)
    assert cell_digest(load(written(tmp_path, NAMED)).cells[0]) == cell_digest(
        load(written(tmp_path, listed)).cells[0]
    )


def test_no_events_are_none(tmp_path: Path) -> None:
    plain = load(written(tmp_path, "")).cells[0]
    for text in ("events: []", "events: {}"):
        cell = load(written(tmp_path, text)).cells[0]
        assert cell.events == ()
        assert cell_digest(cell) == cell_digest(plain)


@pytest.mark.parametrize(
    ("event", "start", "hours"),
    [
        # 2026-03-29 in Dublin: 01:00 becomes 02:00, so that midnight to noon has eleven hours.
        ("at: 2026-03-29, until: 2026-03-29 12:00", datetime(2026, 3, 29, 0, tzinfo=UTC), 11),
        ("at: 2026-03-29, for: 12 h", datetime(2026, 3, 29, 0, tzinfo=UTC), 12),
        ("at: 2026-03-29 02:00, for: 1 h", datetime(2026, 3, 29, 1, tzinfo=UTC), 1),
        ("at: 2026-03-28 12:00, until: 2026-03-30 12:00", datetime(2026, 3, 28, 12, tzinfo=UTC), 47),
    ],
)
def test_times_are_local_and_follow_daylight_saving(
    tmp_path: Path, event: str, start: datetime, hours: int
) -> None:
    (made,) = events(tmp_path, f"{LATE_MARCH}events: [{{{event}, link_down: clinic}}]")
    assert made.start_s == (start - datetime(2026, 3, 27, tzinfo=UTC)).total_seconds()
    assert made.end_s - made.start_s == hours * HOUR


def test_a_clock_time_that_occurs_twice_is_the_first(tmp_path: Path) -> None:
    autumn = "calendar: {start: 2026-10-24, zone: Europe/Dublin}\nhorizon: 5 d\n"
    text = autumn + "events: [{at: 2026-10-25 01:30, until: 2026-10-25 02:30, link_down: clinic}]"
    (made,) = events(tmp_path, text)
    assert made.start_s == 25.5 * HOUR  # Saturday has 24 hours, Sunday's 01:30 comes 1.5 later
    assert made.end_s - made.start_s == 2 * HOUR


WRONG = [
    ("for: 6 h, link_down: clinc", "E201", "clinc", "did you mean 'clinic'?"),
    ("for: 6 h, link_down: data_centre", "E201", "data_centre", "did you mean 'data-centre'?"),
    ("for: 6 h, link_down: zzzzzz", "E201", "zzzzzz", "clinic, desk, data-centre"),
    ("for: 6 h, link_bandwidth: {desc: 2 Mbit/s}", "E201", "desc", "did you mean 'desk'?"),
    ("for: 6 h, link_bandwidth: {desk: 2 mbit/s}", "E103", "2 mbit/s", "did you mean '2 Mbit/s'?"),
    ("for: 6 h, link_bandwidth: {desk: 0 Mbit/s}", "E107", "0 Mbit/s", "above 0"),
    ("for: 6 h, link_bandwidth: {}", "E107", "link_bandwidth", "at least 1"),
    ("for: 6 h, link_bandwidth: 2 Mbit/s", "E106", "2 Mbit/s", "a mapping"),
    ("for: 6 h, absent: adda", "E201", "adda", "did you mean 'ada'?"),
    ("for: 6 h, absent: [ada]", "E106", "absent", "expected text"),
    ("for: 6, link_down: clinic", "E104", "6", "6 "),
    ("for: 0 h, link_down: clinic", "E107", "0 h", "above 0"),
    ("until: 2026-01-05 09:00, link_down: clinic", "E107", "2026-01-05 09:00", "give a later time"),
    ("until: noon, link_down: clinic", "E111", "noon", "2026-01-05 08:00"),
    ("for: 6 h, link_dwn: clinic", "E101", "link_dwn", "did you mean 'link_down'?"),
    ("for: 6 h, at_once: 1", "E101", "at_once", "known here"),
]


@pytest.mark.parametrize(("event", "code", "offender", "way_out"), WRONG)
@pytest.mark.parametrize("form", ["[{}]", "{{it: {}}}"])
def test_one_mistake_is_one_problem_at_its_place(
    tmp_path: Path, form: str, event: str, code: str, offender: str, way_out: str
) -> None:
    (problem,) = refused(tmp_path, f"events: {form.format('{' + AT_NINE + ', ' + event + '}')}")
    assert (problem.code, underlined(problem)) == (code, offender)
    assert way_out in f"{problem.message} {problem.help}"
    assert problem.place.startswith(("events[0]", "events.it"))


@pytest.mark.parametrize(
    ("event", "message", "way_out"),
    [
        (f"{AT_NINE}, link_down: clinic", "an event without an end", "'for: 6 h'"),
        (f"{AT_NINE}, for: 6 h", "an event that does nothing", "link_down"),
        (f"{AT_NINE}, for: 6 h, link_down: clinic, absent: ada", "link_down and absent", "for each"),
        (f"{AT_NINE}, for: 6 h, until: 2026-01-06, absent: ada", "two ends", "keep one"),
    ],
)
def test_an_event_has_one_action_and_one_end(tmp_path: Path, event: str, message: str, way_out: str) -> None:
    text = f"events:\n  - {{at: 2026-01-05 08:30, for: 1 h, absent: ben}}\n  - {{{event}}}\n"
    (problem,) = refused(tmp_path, text)
    assert (problem.code, problem.line, problem.place) == ("E112", 4, "events[1]")
    assert message in problem.message
    assert way_out in problem.help


def test_an_event_needs_its_time(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, "events: {it: {for: 6 h, link_down: clinic}}")
    assert (problem.code, problem.place, underlined(problem)) == ("E102", "events.it.at", "it")
    (problem,) = refused(tmp_path, "events: 3")
    assert (problem.code, problem.message) == ("E106", "events: expected a list, got 3")


def test_a_time_that_the_clock_leaves_out_is_refused(tmp_path: Path) -> None:
    event = "{at: 2026-03-29 01:30, for: 6 h, link_down: clinic}"
    (problem,) = refused(tmp_path, f"{LATE_MARCH}events: [{event}]")
    assert (problem.code, underlined(problem)) == ("E111", "2026-03-29 01:30")
    assert "2026-03-29 01:30 does not exist in Europe/Dublin" in problem.message


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    text = f"""events:
  - {{{AT_NINE}, for: 6 h}}
  - {{{AT_NINE}, for: 6 parsecs, absent: ada}}
  - {{{AT_NINE}, for: 6 h, link_down: clinc}}
policies: [rwoa, rwoa]
"""
    found = [(one.code, one.line) for one in refused(tmp_path, text)]
    assert found == [("E112", 3), ("E103", 4), ("E201", 5), ("E206", 6)]


@pytest.mark.parametrize(
    ("event", "offender", "message"),
    [
        ("at: 2026-01-04 09:00, for: 6 h, link_down: clinic", "2026-01-04 09:00", "over before"),
        ("at: 2026-01-04 09:00, for: 1 d, link_down: clinic", "2026-01-04 09:00", "begins before"),
        ("at: 1900-01-01, for: 1 d, link_down: clinic", "1900-01-01", "over before"),
        ("at: 2026-01-05 10:00, for: 6 h, link_down: clinic", "2026-01-05 10:00", "after the last request"),
        ("at: 2026-01-07 10:00, for: 6 h, link_down: clinic", "2026-01-07 10:00", "every run is over"),
        ("at: 2199-12-31, for: 6 h, absent: ada", "2199-12-31", "every run is over"),
        (f"{AT_NINE}, for: 6 h, link_bandwidth: {{clinic: 10 Mbit/s}}", "10 Mbit/s", "changes nothing"),
        (f"{AT_NINE}, for: 1 h, absent: ben", "ben", "ben is off duty all that time"),
    ],
)
def test_what_is_odd_is_told(tmp_path: Path, event: str, offender: str, message: str) -> None:
    text = f'events: [{{{event}}}]\nradiologists: {{ben: {{hours: "Mon 12:00-20:00"}}}}'
    (warning,) = load(written(tmp_path, text)).warnings
    assert (warning.code, underlined(warning)) == ("W308", offender)
    assert message in warning.message


def test_what_is_just_not_odd_is_not_told(tmp_path: Path) -> None:
    for event in (
        "at: 2026-01-05 08:00, for: 1 h, link_down: clinic",
        "at: 2026-01-05 09:59, for: 99 d, link_bandwidth: {clinic: 9.99 Mbit/s}",
        "at: 2026-01-05 09:59, for: 1 h, absent: ada",
    ):
        assert len(events(tmp_path, f"events: [{{{event}}}]")) == 1


def test_several_alike_are_meant_together_or_one_by_one(tmp_path: Path) -> None:
    many = "radiologists: {ada: {count: 3}}\n"
    away = f"{many}events: [{{{AT_NINE}, for: 1 h, absent: %s}}]"
    whole = [event.radiologist for event in events(tmp_path, away % "ada") if isinstance(event, Absence)]
    assert whole == ["ada-1", "ada-2", "ada-3"]
    assert events(tmp_path, away % "ada-2") == (Absence("ada-2", HOUR, 2 * HOUR),)
    (problem,) = refused(tmp_path, away % "ada-4")
    assert (problem.code, underlined(problem)) == ("E201", "ada-4")


def test_a_shift_left_empty_has_nobody_and_can_miss_nobody(tmp_path: Path) -> None:
    text = f"events: [{{{AT_NINE}, for: 1 h, absent: ben}}]\nradiologists: {{ben: {{count: 0}}}}"
    (cell,) = load(written(tmp_path, text)).cells
    assert [one.name for one in cell.radiologists] == ["ada"]
    assert cell.events == ()
    (problem,) = refused(tmp_path, text, "radiologists.ada.count=0")
    assert (problem.code, "nobody is left" in problem.message) == ("E107", True)


def test_what_differs_is_told_by_event(tmp_path: Path) -> None:
    before = load(written(tmp_path, NAMED)).tree
    after = load(written(tmp_path, NAMED.replace("6 h", "2 h"))).tree
    (only,) = differences(before, after)
    assert only.sentence("a", "b") == "events.storm.for: 6 h -> 2 h (divided by 3)"
    listed = f"events: [{{{AT_NINE}, for: 6 h, link_down: clinic}}]"
    (only,) = differences(load(written(tmp_path, "")).tree, load(written(tmp_path, listed)).tree)
    assert only.place == "events"
    assert only.note == "1 new, 0 gone"


def test_the_resolved_text_reads_back(tmp_path: Path) -> None:
    for text in (NAMED, f"events: [{{{AT_NINE}, for: 6 h, link_bandwidth: {{clinic: 2 Mbit/s}}}}]"):
        loaded = load(written(tmp_path, text))
        again = tmp_path / "again.yaml"
        again.write_text(loaded.resolved, encoding="utf-8")
        assert load(again).cells[0].events == loaded.cells[0].events


def test_a_world_has_the_events_and_rosters_without_the_absences(tmp_path: Path) -> None:
    text = f"events: [{{{AT_NINE}, for: 1 h, absent: ada}}, {{{AT_NINE}, for: 1 h, link_down: desk}}]"
    cell = load(written(tmp_path, text)).cells[0]
    world = setting_of(cell, 0).world
    assert world.events == cell.events
    ada, ben = world.rosters
    assert list(ada) == [(0.0, HOUR), (2 * HOUR, cell.give_up_s)]
    assert list(ben) == [(0.0, cell.give_up_s)]
    assert math.isclose(ada.total_s, ben.total_s - HOUR)


@pytest.mark.parametrize(
    ("start", "zone", "fits"),
    [
        ("2026-03-29 02:30", "Europe/Berlin", False),
        ("2026-03-29 01:59", "Europe/Berlin", True),
        ("2026-03-29 03:00", "Europe/Berlin", True),
        ("2026-10-25 02:30", "Europe/Berlin", True),  # occurs twice: the first
        ("2026-03-29 02:30", "UTC", True),
        ("2026-04-24", "Africa/Cairo", True),  # this day begins at 01:00
        ("2026-04-24 00:30", "Africa/Cairo", False),
    ],
)
def test_the_start_is_a_time_that_the_clock_shows(tmp_path: Path, start: str, zone: str, fits: bool) -> None:
    text = f"calendar: {{start: {start}, zone: {zone}}}\n"
    if fits:
        assert load(written(tmp_path, text)).cells[0].start.tzinfo == ZoneInfo(zone)
        return
    with pytest.raises(ScenarioInvalid) as caught:
        load(written(tmp_path, text))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, underlined(problem)) == ("E111", "calendar.start", start)
    assert "does not exist in" in problem.message


def test_the_day_begins_when_the_clock_does(tmp_path: Path) -> None:
    text = "calendar: {start: 2026-04-24, zone: Africa/Cairo}\n"
    start = load(written(tmp_path, text)).cells[0].start
    assert start.timestamp() == datetime(2026, 4, 23, 22, tzinfo=ZoneInfo("UTC")).timestamp()


@pytest.mark.parametrize(
    "zone", ["localtime", "Factory", "posixrules", "right/Europe/Berlin", "../UTC", "CEST"]
)
def test_a_zone_means_the_same_on_every_machine(tmp_path: Path, zone: str) -> None:
    text = f"calendar: {{zone: {zone}}}\n"
    with pytest.raises(ScenarioInvalid) as caught:
        load(written(tmp_path, text))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("E111", "calendar.zone")
    with pytest.raises(LogError, match="zone"):
        Rules(zone=zone)
