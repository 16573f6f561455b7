"""Several mistakes at once, YAML's traps, and schedules from the text to working seconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simgrid.experiments.draw import draw_world
from simgrid.scenario import Problem, ScenarioInvalid, load
from simgrid.scenario.oddities import weekly

TEXT = (Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml").read_text(encoding="utf-8")

# Each mistake: what stands in the tiny scenario, what stands there instead, what is marked, number, way out.
UNIT = ("10 Mbit/s", "10 mbit/s", "10 mbit/s", "E103", "did you mean '10 Mbit/s'?")
BARE = ("horizon: 2 h", "horizon: 60", "60", "E104", "'60 min'")
KEY = ("workstations", "workstation", "workstation", "E101", "did you mean 'workstations'?")
PART = ("[Brain, Thorax]", "[Brain, Thorx]", "Thorx", "E204", "did you mean 'Thorax'?")
CONDITION = ("DX: 0.6, Brain", "DX: 0.6, Brian", "Brian", "E203", "did you mean 'Brain'?")
DATE = ("2026-01-05 08:00", "2026-02-30", "2026-02-30", "E111", "'2026-01-05 08:00'")
ZONE = ("zone: UTC", "zone: Europe/Dubln", "Europe/Dubln", "E111", "did you mean 'Europe/Dublin'?")
FAMILY = ("lognormal: {cv", "lognorml: {cv", "lognorml", "E101", "did you mean 'lognormal'?")
STORAGE = ("20 GB", "20 gb", "20 gb", "E103", "did you mean '20 GB'?")
POLICY = ("manual]", "manual, rwoa]", "rwoa", "E206", "keep one")
UNIT_OF = (
    "ada:\n    unit: desk",
    "ada:\n    unit: desc",
    "desc",
    "E201",
    "did you mean 'desk'?",
)
HOURS = (
    "hours: always\n    ratings: {CT: 0.9",
    'hours: "Mo 8-9"\n    ratings: {CT: 0.9',
    '"Mo 8-9"',
    "E109",
    "did you mean 'Mon'?",
)
RATING = ("{CT: 0.6, DX: 0.9", "{CT: 7, DX: 0.9", "7", "E107", "marks go from 1/5")
SHARES = ("CT: 50 %, DX: 50 %", "CT: 50 %, DX: 40 %", "modalities", "E209", "100 %")
SOURCE = ("  horizon: {assumed", "  horzion: {assumed", "horzion", "E205", "did you mean 'horizon'?")
COUNT = ("count: 12", "count: twelve", "twelve", "E106", "whole number")
SHARE = ("urgent: 25 %", "urgent: 125 %", "125 %", "E107", "at most 100 %")
VARIANT = (
    "replications: 2\n",
    "replications: 2\nseed: -1\nvariants: {late: {dispatch: {every: 1}}}\n",
    "-1",
    "E107",
    "at least 0",
)
SEVERAL = [
    [UNIT, BARE],
    [UNIT, KEY, PART],
    [CONDITION, DATE, ZONE],
    [FAMILY, STORAGE, POLICY],
    [UNIT_OF, HOURS, RATING],
    [SHARES, SOURCE, BARE],
    [COUNT, SHARE, UNIT, KEY],
    [UNIT_OF, CONDITION, RATING, STORAGE],
    [ZONE, POLICY, SOURCE, SHARE, HOURS],
    [UNIT, BARE, PART, CONDITION, DATE, STORAGE],
    [COUNT, KEY, UNIT_OF, POLICY, RATING, FAMILY],
    [UNIT, BARE, KEY, PART, CONDITION, ZONE, FAMILY, STORAGE, POLICY, HOURS, RATING, SOURCE],
]


def refused(tmp_path: Path, text: str) -> tuple[Problem, ...]:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file)
    return caught.value.problems


def marked(problem: Problem) -> str:
    return problem.snippet[problem.column - 1 : problem.column - 1 + problem.length]


@pytest.mark.parametrize("mistakes", SEVERAL, ids=lambda found: "+".join(one[3] for one in found))
def test_all_mistakes_come_at_once_each_at_its_place(
    tmp_path: Path, mistakes: list[tuple[str, str, str, str, str]]
) -> None:
    text = TEXT
    for old, new, *_ in mistakes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    found = refused(tmp_path, text)
    assert sorted((one.code, marked(one)) for one in found) == sorted(
        (code, offender) for _, _, offender, code, _ in mistakes
    )
    lines = text.split("\n")
    for problem in found:
        assert problem.snippet == lines[problem.line - 1]
        ways = [
            way
            for _, _, offender, code, way in mistakes
            if (code, offender) == (problem.code, marked(problem))
        ]
        assert any(way in f"{problem.message} {problem.help}" for way in ways)
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_a_mistake_in_a_variant_does_not_hide_those_outside(tmp_path: Path) -> None:
    found = refused(tmp_path, TEXT.replace(*VARIANT[:2]))
    assert [(one.code, marked(one)) for one in found] == [("E107", "-1"), ("E104", "1")]


@pytest.mark.parametrize(
    ("old", "new", "code", "offender"),
    [
        ("every: 15 min", "every: 17:00", "E105", "17:00"),
        ("count: 12", "count: 010", "E006", "010"),
        ("horizon: 2 h", "horizon: 2 h\nhorizon: 3 h", "E003", "horizon"),
        ("  count: 12", "\tcount: 12", "E004", "\t"),
        ("count: 12", "count: *twelve", "E002", "*twelve"),
        ("10 Mbit/s", "8 mbit/s", "E103", "8 mbit/s"),
        ("10 Mbit/s", "250 MB", "E103", "250 MB"),
        ("horizon: 2 h", "horizon: 60", "E104", "60"),
        ("replications: 2", "replications: NO", "E106", "NO"),
    ],
)
def test_traps_are_refused_where_they_stand(
    tmp_path: Path, old: str, new: str, code: str, offender: str
) -> None:
    text = TEXT.replace(old, new)
    assert text != TEXT
    (problem,) = refused(tmp_path, text)
    assert (problem.code, marked(problem)) == (code, offender)
    assert text.split("\n")[problem.line - 1][problem.column - 1 :].startswith(offender)


def test_traps_that_are_right(tmp_path: Path) -> None:
    """A start at 17:00, an anchor used twice, a size of 250 MB, a radiologist called NO."""
    text = (
        TEXT.replace("2026-01-05 08:00", "2026-01-05 17:00")
        .replace("20 GB", "250 MB")
        .replace("ben:\n", "NO:\n")
        .replace("{bandwidth: 10 Mbit/s}", "&wire {bandwidth: 8 Mbit/s}")
        .replace("{bandwidth: 20 Mbit/s}", "*wire")
    )
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    (cell,) = load(file).cells
    assert cell.start == datetime(2026, 1, 5, 17, tzinfo=UTC)
    assert cell.units[0].storage_bytes == 250e6
    assert [one.name for one in cell.radiologists] == ["ada", "NO"]
    assert cell.sites[0].access == cell.units[0].access
    assert cell.units[0].access.up_bps == 8e6


def between(first: datetime, last: datetime) -> float:
    """Elapsed seconds by way of UTC: the clock on the wall does not show them."""
    return (last.astimezone(UTC) - first.astimezone(UTC)).total_seconds()


@pytest.mark.parametrize(
    ("zone", "start", "days", "holiday", "change_s"),
    [
        ("Europe/Dublin", "2026-03-23", 7, "2026-03-25", -3600),  # clocks go forward in the night to the 29th
        ("Europe/Dublin", "2026-10-19", 7, "2026-10-21", 3600),  # and back in the night to the 25th
        ("America/New_York", "2026-03-02", 7, "2026-03-04", -3600),
        ("Australia/Lord_Howe", "2026-03-30", 7, "2026-04-01", 1800),  # by half an hour
        ("Asia/Kolkata", "2026-03-23", 7, "2026-03-25", 0),
    ],
)
def test_a_week_of_work_from_the_text(
    tmp_path: Path, zone: str, start: str, days: int, holiday: str, change_s: int
) -> None:
    """Four evenings of 3 h (one of five is a holiday) and the night from Saturday 22 h to Sunday 6 h."""
    text = f"""extends: tiny/one-unit.yaml
calendar: {{start: {start}, zone: {zone}, holidays: [{holiday}]}}
horizon: {24 * days * 3600 + change_s} s
give_up_after: 1 ms
demand: {{required: {{urgent: 1 h, routine: 2 h}}}}
radiologists:
  ada: {{hours: "Mon-Fri 17:00-20:00; Sat 22:00-06:00; holidays off"}}
  ben: {{hours: "Mon-Fri 17:00-20:00; Sat 22:00-06:00"}}
"""
    file = tmp_path / "week.yaml"
    file.write_text(text, encoding="utf-8")
    (cell,) = load(file).cells
    local = ZoneInfo(zone)
    monday = datetime.fromisoformat(start).replace(tzinfo=local)
    saturday, sunday, next_monday = (
        datetime.fromordinal(monday.toordinal() + day).replace(tzinfo=local) for day in (5, 6, 7)
    )
    night = between(saturday.replace(hour=22), sunday.replace(hour=6))
    assert night == 8 * 3600 + change_s
    assert between(monday, next_monday) == cell.horizon_s
    ada, ben = draw_world(cell, 0, ()).rosters
    assert ada.total_s == 4 * 3 * 3600 + night
    assert ben.total_s == 5 * 3 * 3600 + night
    assert weekly(cell.radiologists[:1]) == "Mon-Fri 17-20 h, Sat 22-6 h"


MANY = 9000
HOSTILE = {
    "unknown keys": (
        "replications: 2\n",
        "replications: 2\n" + "".join(f"keyy{n}: 1\n" for n in range(MANY)),
    ),
    "conditions": (
        "ratings: {CT: 0.9",
        "ratings: {" + ", ".join(f"Brainn{n}: 0.5" for n in range(MANY)) + ", CT: 0.9",
    ),
    "modalities": (
        "modalities: {CT: 50 %",
        "modalities: {" + ", ".join(f"C{n}: 1 %" for n in range(MANY)) + ", CT: 50 %",
    ),
    "stars": ("sources:\n", "sources:\n" + "".join(f"  sites.*.lin{n}: assumed\n" for n in range(MANY))),
    "centuries": ("horizon: 2 h", "horizon: 100000 weeks"),
    "digits": (
        "horizon: 2 h",
        f"horizon: 2 h\nsweep: {{horizon: {{from: {'9' * 6000} h, to: 2 h, steps: 3}}}}",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_thousands_of_mistakes_take_a_moment(tmp_path: Path, name: str) -> None:
    """Work grows with the size of the file, not with its square (where it did, these took minutes)."""
    old, new = HOSTILE[name]
    assert TEXT.count(old) == 1
    began = time.process_time()
    found = refused(tmp_path, TEXT.replace(old, new))
    assert time.process_time() - began < 10
    assert found
    assert sum(len(one.as_json()) for one in found) < 20_000_000


BEGINNER = [
    ("25 %\n", "0.25\n", "0.25", "E104", "'25 %'"),
    ("10 Mbit/s", "8,5 Mbit/s", "8", "E104", "8 Mbit/s"),
    ("10 Mbit/s", "8Mbps", "8Mbps", "E103", "did you mean '8 Mbit/s'?"),
    ("10 Mbit/s", "0 Mbit/s", "0 Mbit/s", "E107", "above 0"),
    ("[rwoa, rbsm, round-robin, manual]", "rwoa, rbsm", "rwoa, rbsm", "E106", "in brackets: [rwoa, rbsm]"),
    ("[rwoa, rbsm, round-robin, manual]", "\n  -rwoa\n  -rbsm", "-rwoa", "E106", "a space after each '-'"),
    ("sites: {clinic: {", "sites:\n  - {clinic: {", "sites", "E106", "names stand before a ':'"),
    ("count: 12", "count: 1,000", "1,000", "E106", "digits only"),
    ("replications: 2", 'replications: "2"', '"2"', "E106", "without quotes"),
    ("cv: 0.5", "cv: 50 %", "50 %", "E106", "decimal point"),
    ("  ben:", "  Ada:", "Ada", "E202", "rename one"),
    ("units: {desk", "units: {Clinic", "Clinic", "E202", "rename one of the two"),
    ("replications: 2", "replications:2", "r", "E002", "'key: value'"),
    ("replications: 2", "replications = 2", "r", "E002", "'key: value'"),
    ("replications: 2", "replications:\u00a02", "r", "E002", "ordinary space"),
    ("  count: 12", "count: 12", ":", "E002", "indented otherwise"),
    ("{CT: 0.9", "{CT: ****", "****", "E002", "needs quotes"),
    ("zone: UTC", "zone: CEST", "CEST", "E111", "'Europe/Dublin' or 'UTC'"),
    ("zone: UTC", "zone: GMT+1", "GMT+1", "E111", "'Europe/Dublin' or 'UTC'"),
    ("zone: UTC", "zone: UTC, holidays: [29 Feb 2027]", "29 Feb 2027", "E111", "'2026-03-17'"),
    (
        "horizon: 2 h",
        "horizon: 2 h\nsweep: {sites.clinik.link.bandwidth: [1 Mbit/s, 2 Mbit/s]}",
        "sites.clinik.link.bandwidth",
        "E207",
        "did you mean 'clinic'?",
    ),
]


@pytest.mark.parametrize("mistake", BEGINNER)
def test_what_a_beginner_writes_is_answered(tmp_path: Path, mistake: tuple[str, str, str, str, str]) -> None:
    old, new, marked, code, way_out = mistake
    (problem, *_) = refused(tmp_path, TEXT.replace(old, new, 1))
    assert problem.code == code
    assert problem.snippet[problem.column - 1 :].startswith(marked)
    assert way_out in problem.help


def test_an_override_within_a_thing_that_is_not_there_makes_no_new_one(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(TEXT, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file, ["sites.clinik.link.bandwidth=8 Mbit/s"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.column, problem.length) == ("E009", 1, len("sites.clinik.link.bandwidth"))
    assert problem.help == "did you mean 'clinic'?"
    (cell,) = load(file, ["sites.north={link: {bandwidth: 8 Mbit/s}}"]).cells
    assert [site.name for site in cell.sites] == ["clinic", "north"]


@pytest.mark.parametrize("parts", [25, 40_000])
def test_a_place_deeper_than_any_file_is_no_place(tmp_path: Path, parts: int) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(TEXT, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file, [f"a{'.a' * (parts - 1)}=1"])
    (problem,) = caught.value.problems
    assert problem.code == "E009"
    assert len(problem.render()) < 700
