"""What is legal but odd: each warning against cases worked by hand, on both sides of its edge."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.scenario import Problem, ScenarioInvalid, load
from simgrid.scenario.odd_values import duration
from simgrid.scenario.oddities import weekly

# A brain CT takes 7 min and weighs 179 MB (code tables). 2026-01-05 is a Monday.
WEEKS = """extends: tiny/one-unit.yaml
calendar: {start: 2026-01-05, zone: UTC}
horizon: 8 weeks
demand: {count: null, mix: {modalities: null, body_parts: null, icd10: null,
  kinds: [{modality: CT, body_part: Brain, icd10: C71}]}}
sites: {clinic: {demand: {per_day: 30}}}
radiologists: {ada: {hours: "Mon-Fri 17:00-20:00"}, ben: {hours: "Mon-Fri 17:00-20:00"}}
"""


def told(tmp_path: Path, text: str, *overrides: str) -> list[Problem]:
    """All but W314, which has tests of its own: on Mondays these evenings begin with the weekend's work."""
    return [one for one in all_told(tmp_path, text, *overrides) if one.code != "W314"]


def all_told(tmp_path: Path, text: str, *overrides: str) -> list[Problem]:
    file = tmp_path / "odd.yaml"
    file.write_text(text, encoding="utf-8")
    warnings = load(file, overrides).warnings
    assert all(one.severity == "warning" and one.line for one in warnings)
    return list(warnings)


def said(tmp_path: Path, text: str, *overrides: str) -> list[str]:
    return [f"{one.code} {one.message}" for one in told(tmp_path, text, *overrides)]


def test_load_against_rostered_hours(tmp_path: Path) -> None:
    """28 days x 36 x 7 min = 7056 min fit into 20 days x 2 x 180 = 7200; with 40 a day it is 7840.

    Spread over the 60 manned hours that is 7840 / 3600 = 2.18 radiologists, where 2 are rostered.
    """
    assert said(tmp_path, WEEKS, "sites.clinic.demand.per_day=36") == []
    (warning,) = told(tmp_path, WEEKS, "sites.clinic.demand.per_day=40")
    assert (warning.code, warning.place) == ("W302", "radiologists")
    assert warning.message == (
        "radiologists: offered load Mon-Fri 17-20 h is 2.2 radiologists, 2 are rostered"
    )
    assert "backlog" in warning.help


def test_load_counts_speed_other_work_absence_and_desks(tmp_path: Path) -> None:
    """5 h of two readers become 3.6 when both are away 10 % and a tenth slower: 7200 x .9 / 1.1 = 5891."""
    slower = [
        f"radiologists.{who}.{what}" for who in ("ada", "ben") for what in ("absence=10 %", "speed=1.1")
    ]
    assert said(tmp_path, WEEKS, "sites.clinic.demand.per_day=30", *slower) == []  # 5880 min
    (line,) = said(tmp_path, WEEKS, "sites.clinic.demand.per_day=31", *slower)  # 6076 min
    assert line.endswith(
        "is 1.7 radiologists, 2 are rostered who read like 1.6 (speed, desks, absence, other work)"
    )
    assert said(tmp_path, WEEKS, "sites.clinic.demand.per_day=18", "units.desk.workstations=1") == []
    (line,) = said(tmp_path, WEEKS, "sites.clinic.demand.per_day=19", "units.desk.workstations=1")
    assert "is 1.0 radiologists, 2 are rostered who read like 1 " in line
    (line,) = said(tmp_path, WEEKS, "radiologists.ada.non_reading=50 %")
    assert "who read like 1.5 " in line


def test_one_scarce_subspecialist_shows_among_idle_colleagues(tmp_path: Path) -> None:
    """Two modalities; only ada reads DX (3 min): 28 x 50 x 3 = 4200 min against her 3600."""
    ct_only = "body_parts: null, icd10: null,\n  kinds: [{modality: CT, body_part: Brain, icd10: C71}]"
    assert ct_only in WEEKS
    text = WEEKS.replace(ct_only, "body_parts: [Thorax], icd10: [C39]").replace(
        "{per_day: 30}", "{DX: {per_day: 50}, CT: {per_day: 1}}"
    )
    dx_minutes = load("tiny/one-unit").cells[0]
    minutes = {
        kind.modality: kind.effort_min for kind in dx_minutes.demand.mix.kinds if kind.body_part == "Thorax"
    }
    per_day = int(3600 / 28 / minutes["DX"]) + 1
    text = text.replace("per_day: 50", f"per_day: {per_day}")
    only = "radiologists.ben.reads=[CT]"
    assert said(tmp_path, text) == []
    (line,) = said(tmp_path, text, only)
    offered = 28 * per_day * minutes["DX"] / 3600
    assert line == (
        f"W302 radiologists: offered load of DX Mon-Fri 17-20 h is {offered:.1f} radiologists, 1 is rostered"
    )
    assert said(tmp_path, text.replace(f"per_day: {per_day}", f"per_day: {per_day - 1}"), only) == []


def test_a_burst_that_can_be_read_in_time_is_not_odd(tmp_path: Path) -> None:
    """60 brains are 420 min: too much for two readers in the 2 h of arrivals, not in the 4 h after them."""
    text = (
        WEEKS.replace("count: null", "count: 60")
        .replace("horizon: 8 weeks\n", "")
        .replace("{per_day: 30}", "{share: 100 %}")
    )
    hours = [f"radiologists.{who}.hours=always" for who in ("ada", "ben")]
    hours.append("sites.clinic.link.bandwidth=100 Mbit/s")
    assert said(tmp_path, text, *hours) == []
    assert said(tmp_path, text, *hours, "demand.count=110")[0].startswith(
        "W302 radiologists: offered load round"
    )


def test_links_by_the_hour(tmp_path: Path) -> None:
    """Evening has 24/5 of the mean rate: 15 a day are 3 an hour, 3 x 179 MB in an hour are 1.193 Mbit/s."""
    text = WEEKS.replace("{per_day: 30}", "{per_day: 15}").replace(
        "count: null", "count: null, by_hour: evening"
    )
    narrow = "sites.clinic.link.bandwidth=1 Mbit/s"
    (warning,) = told(tmp_path, text, narrow)
    assert (warning.code, warning.place) == ("W303", "sites.clinic.link")
    assert warning.message == "link: link clinic is 119 % used Mon 17 h"
    assert said(tmp_path, text, narrow, "sites.clinic.demand.per_day=12") == []
    assert said(tmp_path, text, "data_centre.link.bandwidth=1.19 Mbit/s") == [
        "W303 link: the data centre's link inwards is 100.3 % used Mon 17 h",
        "W303 link: the data centre's link outwards is 100.3 % used Mon 17 h",
    ]
    assert said(tmp_path, text, "units.desk.link.bandwidth=1 Mbit/s") == [
        "W303 link: link desk is 119 % used Mon 17 h"
    ]


def test_links_of_units_together_and_of_clients(tmp_path: Path) -> None:
    second = "units.far={link: {bandwidth: 0.5 Mbit/s}, storage: 1 GB, workstations: 1, monitor: 5 MP}"
    text = WEEKS.replace("{per_day: 30}", "{per_day: 15}").replace(
        "count: null", "count: null, by_hour: evening"
    )
    narrow = "units.desk.link.bandwidth=0.6 Mbit/s"
    found = said(tmp_path, text, second, narrow, "radiologists.ben.unit=far")
    assert found == ["W303 units: the units' links together is 108.5 % used Mon 17 h"]
    client = "clients.phone={link: {bandwidth: 1 Mbit/s}, retrievals: 5 /h, size: {constant: 100 MB}}"
    (line,) = said(tmp_path, text, client)  # 5 x 100 MB an hour are 1.11 Mbit/s
    assert line == "W303 link: link phone is 111 % used Mon 0 h"


def test_studies_go_up_from_a_site_and_come_down_to_a_unit(tmp_path: Path) -> None:
    """30 brain CT a day are 0.5 Mbit/s; one takes 4 h over 0.1 Mbit/s."""
    up = "sites.clinic.link={up: %s Mbit/s, down: %s Mbit/s}"
    full = [one for one in said(tmp_path, WEEKS, up % (0.4, 100)) if one.startswith("W303")]
    assert len(full) == 1
    assert full[0].startswith("W303 link: link clinic is 12")
    assert said(tmp_path, WEEKS, up % (100, 0.4)) == []
    slow = said(tmp_path, WEEKS, up % (0.1, 100), "sites.clinic.demand.per_day=1")
    assert [one[:4] for one in slow] == ["W305", "W305"]
    assert said(tmp_path, WEEKS, up % (100, 0.1), "sites.clinic.demand.per_day=1") == []


def test_what_clients_retrieve_leaves_the_data_centre_too(tmp_path: Path) -> None:
    """0.5 Mbit/s go to the unit; 5 x 100 MB an hour to the client are 1.11 Mbit/s more."""
    centre = "data_centre.link={up: 1.5 Mbit/s, down: 100 Mbit/s}"
    client = "clients.phone={link: {bandwidth: 100 Mbit/s}, retrievals: 5 /h, size: {constant: 100 MB}}"
    assert said(tmp_path, WEEKS, centre) == []
    (line,) = said(tmp_path, WEEKS, centre, client)
    assert line.startswith("W303 link: the data centre's link outwards is 107.2 % used")


def test_what_nobody_can_read(tmp_path: Path) -> None:
    (warning,) = told(tmp_path, WEEKS, "radiologists.ada.reads=[DX]", "radiologists.ben.reads=[DX]")
    assert (warning.code, warning.place, warning.message) == ("W304", "demand.mix", "mix: nobody reads CT")
    (warning,) = told(tmp_path, WEEKS, "units.desk.monitor=0.2 MP")
    assert warning.message == "mix: nobody who reads CT has a monitor of 0.25 MP"
    flow = WEEKS.replace("{per_day: 30}", "{CT: {per_day: 30}}")
    (warning,) = told(tmp_path, flow, "units.desk.monitor=0.2 MP")
    assert warning.place == "sites.clinic.demand.CT"


def test_times_allowed_against_transfer_and_reading(tmp_path: Path) -> None:
    """179 MB over 0.1 Mbit/s take 14 320 s, to the unit (20 Mbit/s) 72 s more, reading 7 min: 246.9 min."""
    slow = ("sites.clinic.link.bandwidth=0.1 Mbit/s", "sites.clinic.demand.per_day=1")
    assert said(tmp_path, WEEKS, *slow) == [
        "W305 urgent: urgent CT from clinic needs 4 h of transfer and 7 min of reading, 1 h are allowed",
        "W305 routine: routine CT from clinic needs 4 h of transfer and 7 min of reading, 4 h are allowed",
    ]
    enough = "demand.required={urgent: 246 min, routine: 247 min}"
    (line,) = said(tmp_path, WEEKS, *slow, enough)
    assert line.startswith("W305 urgent")
    assert said(tmp_path, WEEKS, *slow, "demand.required={urgent: 247 min, routine: 247 min}") == []
    own = WEEKS.replace(
        "{per_day: 30}", "{CT: {per_day: 1, required: {urgent: 5 min, routine: 1 d}, urgent: 50 %}}"
    )
    (warning,) = told(tmp_path, own, "dispatch.every=5 min")
    assert (warning.code, warning.place) == ("W305", "sites.clinic.demand.CT.required.urgent")


def test_times_that_do_not_go_together(tmp_path: Path) -> None:
    assert said(tmp_path, WEEKS, "give_up_after=3 h") == [
        "W306 give_up_after: the run ends 3 h after the last request"
    ]
    assert said(tmp_path, WEEKS, "give_up_after=4 h") == []
    assert said(tmp_path, WEEKS, "dispatch.every=90 min") == [
        "W306 every: work is given out every 90 min, urgent reports are due in 1 h"
    ]
    assert said(tmp_path, WEEKS, "dispatch.every=60 min") == []
    assert said(tmp_path, WEEKS, "dispatch.every=90 min", "demand.urgent=0 %") == []
    swapped = "demand.required={urgent: 24 h, routine: 2 h}"
    assert said(tmp_path, WEEKS, swapped) == [
        "W306 required: urgent reports may take 24 h, routine only 2 h",
    ]
    assert said(tmp_path, WEEKS, "demand.required={urgent: 3 h, routine: 3 h}") == []


def test_the_times_of_a_site_s_modality_count_as_the_demand_s_do(tmp_path: Path) -> None:
    flows = "{CT: {per_day: 1, urgent: 50 %, required: {urgent: 20 min, routine: 3 d}}, DX: {per_day: 1}}"
    own = f"{WEEKS}give_up_after: 3 d\n".replace("{per_day: 30}", flows).replace(
        "kinds: [", "kinds: [{modality: DX, body_part: Thorax, icd10: C39}, "
    )
    assert said(tmp_path, own, "dispatch.every=30 min") == [
        "W306 every: work is given out every 30 min, urgent CT from clinic is due in 20 min"
    ]
    assert said(tmp_path, own, "dispatch.every=20 min") == []
    assert said(tmp_path, own, "dispatch.every=30 min", "sites.clinic.demand.CT.urgent=0 %") == []
    assert said(tmp_path, own, "give_up_after=71 h") == [
        "W306 give_up_after: the run ends 2.96 d after the last request"
    ]
    assert said(tmp_path, own, "give_up_after=72 h") == []
    (warning,) = told(tmp_path, own, "sites.clinic.demand.CT.required.routine=15 min")
    assert warning.place == "sites.clinic.demand.CT.required"
    assert "urgent CT from clinic may take 20 min, routine only 15 min" in warning.message


def test_holidays_of_other_years_only(tmp_path: Path) -> None:
    start = WEEKS.replace("zone: UTC", "zone: UTC, holidays: [%s]")
    (warning,) = told(tmp_path, start % "2025-01-01, 2025-12-25")
    assert (warning.code, warning.place) == ("W306", "calendar.holidays")
    assert warning.message == "holidays: none of them is in 2026, when the run is"
    assert said(tmp_path, start % "2025-12-25, 2026-01-01") == []
    assert said(tmp_path, start % "2027-01-01", "horizon=52 weeks") == []  # it ends 2 d after 2027-01-04
    assert said(tmp_path, start % "2028-01-01", "horizon=52 weeks") == [
        "W306 holidays: none of them is in 2026 to 2027, when the run is"
    ]


@pytest.mark.parametrize(
    ("warmup", "part"), [("5.5 d", "9.8"), ("5.6 d", ""), ("4 weeks", ""), ("4.1 weeks", "51")]
)
def test_a_warm_up_against_the_horizon_of_eight_weeks(tmp_path: Path, warmup: str, part: str) -> None:
    told_ = [f"W310 warmup: the warm-up is {part} % of the horizon"] if part else []
    assert said(tmp_path, WEEKS, f"warmup={warmup}") == told_


def test_a_warm_up_ends_before_the_horizon(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(WEEKS + "warmup: 8 weeks\n", encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.line) == ("E107", "warmup", 8)
    assert "nothing would be measured" in problem.message
    assert load(file, ["warmup=55.9 d"]).cells[0].warmup_s == pytest.approx(55.9 * 86400)


def test_a_storage_without_room_for_one_study(tmp_path: Path) -> None:
    """A brain CT weighs 179 MB on average."""
    assert said(tmp_path, WEEKS, "units.desk.storage=178 MB") == [
        "W311 storage: one CT of mean size, 179 MB, has no room there"
    ]
    assert said(tmp_path, WEEKS, "units.desk.storage=180 MB") == []
    other = "radiologists.ada.reads=[DX]", "radiologists.ben.reads=[DX]"
    assert [one[:4] for one in said(tmp_path, WEEKS, "units.desk.storage=1 kB", *other)] == ["W304"]


def test_somebody_without_any_rating(tmp_path: Path) -> None:
    eve = "radiologists.eve={unit: desk, reads: [CT], hours: always, ratings: {}}"
    (warning,) = told(tmp_path, WEEKS, eve)
    assert (warning.code, warning.place) == ("W312", "radiologists.eve.ratings")
    assert said(tmp_path, WEEKS, eve.replace("{}", "{CT: 2}")) == []


def test_somebody_who_is_never_there(tmp_path: Path) -> None:
    short = ("horizon=2 d", "give_up_after=2 d", "sites.clinic.demand.per_day=5")
    found = told(
        tmp_path, WEEKS, *short, "radiologists.ada.count=2", "radiologists.ada.hours=Sun 08:00-09:00"
    )
    assert [(one.code, one.message, one.file) for one in found] == [
        (
            "W307",
            f"hours: ada-{n} is never on duty before the run ends",
            "--set radiologists.ada.hours=Sun 08:00-09:00",
        )
        for n in (1, 2)
    ]


def test_a_demand_outside_the_horizon_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        told(tmp_path, WEEKS, "horizon=8 h", "demand.by_hour=office", "calendar.start=2026-01-03")
    assert [(one.code, one.place) for one in caught.value.problems] == [("E107", "demand.by_hour")]


def test_a_sweep_tells_each_oddity_once(tmp_path: Path) -> None:
    swept = WEEKS + "sweep: {sites.clinic.demand.per_day: [30, 40, 50, 60]}\n"
    (warning,) = told(tmp_path, swept)
    assert "2.2 radiologists" in warning.message
    assert warning.message.endswith("(and so in other words in some of the 4 cells)")


def test_a_long_horizon_is_judged_by_its_first_weeks(tmp_path: Path) -> None:
    counted = WEEKS.replace("count: null", "count: 2240").replace("{per_day: 30}", "{share: 100 %}")
    (line,) = said(tmp_path, counted)  # 40 a day over 56 days
    assert "is 2.2 radiologists, 2 are rostered" in line
    assert said(tmp_path, counted, "demand.count=2016") == []


def test_the_words_for_hours_and_times() -> None:
    tiny = load("tiny/evening-shift").cells[0].radiologists
    assert weekly(tiny[1:]) == "Mon-Fri 17-20 h, Sat 22-6 h"
    assert weekly(tiny) == "Mon-Fri 17-20 h, Sat 17-20 and 22-6 h, Sun 17-20 h"
    assert weekly(load("tiny/one-unit").cells[0].radiologists) == "round the clock"
    assert [duration(one) for one in (30.0, 90.0, 5400.0, 3600.0, 7200.0, 172800.0)] == [
        "30 s", "90 s", "90 min", "1 h", "2 h", "2 d"
    ]  # fmt: skip


DUTY = """extends: tiny/one-unit.yaml
horizon: 10 h
give_up_after: 1 d
demand: {count: null, required: {urgent: 60 min, routine: 2 h},
  mix: {modalities: null, body_parts: null, icd10: null,
        kinds: [{modality: CT, body_part: Brain, icd10: C71}]}}
sites: {clinic: {link: {bandwidth: 100 Mbit/s}, demand: {per_day: 240}}}
units: {desk: {link: {bandwidth: 100 Mbit/s}}}
radiologists: {ada: {hours: "Mon 08:00-23:00"}, ben: {hours: "Mon 13:00-23:00"}}
"""


def test_work_that_fits_and_comes_too_late(tmp_path: Path) -> None:
    """10 an hour are 70 min of work: 10 min more than ada reads, 50 min at 13 h, when ben comes.

    Nobody waits 2 h. With 15 an hour it is 105 min, 225 min are left at 13 h: urgent ones go first, routine
    ones of the hours before wait up to 135 min and more.
    """
    assert all_told(tmp_path, DUTY) == []
    (warning,) = all_told(tmp_path, DUTY, "sites.clinic.demand.per_day=360")
    assert (warning.code, warning.place) == ("W314", "radiologists")
    assert warning.message.endswith("; the backlog peaks at 3.8 h of reading Mon 13 h")
    assert "of routine requests will wait longer than allowed with somebody on duty" in warning.message
    assert "urgent" not in warning.message
    assert "simgrid estimate" in warning.help


def test_waiting_off_duty_is_not_told(tmp_path: Path) -> None:
    """What comes in the night waits for the morning under every policy: the roster says so itself."""
    hours = [f"radiologists.{who}.hours=Mon 17:00-23:00" for who in ("ada", "ben")]
    assert all_told(tmp_path, DUTY, "sites.clinic.demand.per_day=24", *hours) == []


def test_broadcast_archive_and_overhead_count_on_links(tmp_path: Path) -> None:
    """10 brain CT an hour are 3.98 Mbit/s; a fifth more with the overhead."""
    narrow = "sites.clinic.link.bandwidth=4.2 Mbit/s"
    assert said(tmp_path, DUTY, narrow) == []
    (line,) = said(tmp_path, DUTY, narrow, "grid.transfers={overhead: 20 %}")
    assert line == "W303 link: link clinic is 114 % used Mon 8 h"
    second = "units.far={link: {bandwidth: 3 Mbit/s}, storage: 10 GB, workstations: 1, monitor: 5 MP}"
    away = "radiologists.ben.unit=far"
    assert [one for one in said(tmp_path, DUTY, second, away) if one.startswith("W303")] == []
    (line,) = [
        one for one in said(tmp_path, DUTY, second, away, "grid.delivery=broadcast") if one.startswith("W303")
    ]
    assert line == "W303 link: link far is 133 % used Mon 8 h"


def test_hours_of_a_link(tmp_path: Path) -> None:
    """At half its 6 Mbit/s the link is asked for a third more; one that goes down is judged by the day."""
    at = "sites.clinic.link={bandwidth: 6 Mbit/s, night: {hours: daily 12:00-14:00, factor: 50 %}}"
    assert said(tmp_path, DUTY, at) == ["W303 link: link clinic is 133 % used Mon 12 h"]
    down = "events=[{at: 2026-01-05 12:00, for: 2 h, link_down: clinic}]"
    wide, narrow = ("sites.clinic.link.bandwidth=" + text for text in ("6 Mbit/s", "4.5 Mbit/s"))
    assert said(tmp_path, DUTY, wide, down) == []
    assert said(tmp_path, DUTY, narrow, down) == [
        "W303 link: link clinic is 110 % used of the time it is there"
    ]
