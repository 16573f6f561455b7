"""Working hours: what the text means, and working seconds against the local clock by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.scenario.hours import BadHours, weekly_schedule

DUBLIN = ZoneInfo("Europe/Dublin")


def working_seconds(schedule: WeeklySchedule, start: datetime, end: datetime) -> float:
    """By UTC instants: between two instants of one zone, Python subtracts what the wall clocks show."""
    return schedule.roster(start.astimezone(UTC), end.astimezone(UTC)).total_s


def between(first: datetime, last: datetime) -> float:
    """Elapsed seconds between two local instants, by way of UTC."""
    return (last.astimezone(UTC) - first.astimezone(UTC)).total_seconds()


def test_the_words() -> None:
    evening = weekly_schedule("Mon-Fri 17:00-20:00; Sat 22:00-06:00; holidays off", "Europe/Dublin")
    assert evening.spans == (
        *(WeeklySpan(day, 17 * 60, 20 * 60) for day in range(5)),
        WeeklySpan(5, 22 * 60, 30 * 60),
    )
    assert evening.off_on_holidays
    assert evening.zone == "Europe/Dublin"
    assert not weekly_schedule("daily 08:00-12:00, 13:00-17:00").off_on_holidays
    assert len(weekly_schedule("daily 08:00-12:00, 13:00-17:00").spans) == 14
    assert {span.weekday for span in weekly_schedule("Sat-Mon 08:00-12:00").spans} == {5, 6, 0}
    assert {span.weekday for span in weekly_schedule("Mon,Wed,Fri 08:00-12:00").spans} == {0, 2, 4}
    assert weekly_schedule("Sun 00:00-24:00").spans == (WeeklySpan(6, 0, 1440),)


def test_always_without_the_holidays() -> None:
    start = datetime(2026, 6, 12, tzinfo=DUBLIN)
    off = weekly_schedule("always; holidays off", "Europe/Dublin", frozenset({date(2026, 6, 13)}))
    assert working_seconds(off, start, start + timedelta(days=3)) == 2 * 86_400


def test_days_with_a_blank_between_are_told_how() -> None:
    with pytest.raises(BadHours) as caught:
        weekly_schedule("Mon, Tue 22:00-23:00")
    assert "no day behind it" in caught.value.args[0]
    assert "without blanks" in caught.value.args[1]


def test_always_is_every_second_holidays_included() -> None:
    start = datetime(2026, 3, 27, tzinfo=DUBLIN)
    end = datetime(2026, 4, 3, tzinfo=DUBLIN)
    schedule = weekly_schedule("always", "Europe/Dublin", frozenset({date(2026, 3, 30)}))
    assert between(start, end) == 7 * 86400 - 3600
    assert working_seconds(schedule, start, end) == between(start, end)


@pytest.mark.parametrize(
    ("sunday", "night_s"),
    [
        (date(2026, 3, 29), 7 * 3600),  # clocks go forward at 1 h: the night from 22 to 6 h has 7 hours
        (date(2026, 10, 25), 9 * 3600),  # clocks go back at 2 h: it has 9
        (date(2026, 6, 14), 8 * 3600),
    ],
)
def test_a_saturday_night_over_a_change_of_daylight_saving(sunday: date, night_s: int) -> None:
    saturday = sunday - timedelta(days=1)
    start = datetime(saturday.year, saturday.month, saturday.day, tzinfo=DUBLIN)
    schedule = weekly_schedule("Sat 22:00-06:00", "Europe/Dublin")
    by_hand = between(
        datetime(saturday.year, saturday.month, saturday.day, 22, tzinfo=DUBLIN),
        datetime(sunday.year, sunday.month, sunday.day, 6, tzinfo=DUBLIN),
    )
    assert by_hand == night_s
    assert working_seconds(schedule, start, start + timedelta(days=3)) == night_s


def test_a_week_with_a_change_and_a_holiday_by_hand() -> None:
    """23 to 30 March 2026 in Dublin: five evenings, one of them a holiday, and the shortened night."""
    start = datetime(2026, 3, 23, tzinfo=DUBLIN)
    end = datetime(2026, 3, 30, tzinfo=DUBLIN)
    schedule = weekly_schedule(
        "Mon-Fri 17:00-20:00; Sat 22:00-06:00; holidays off", "Europe/Dublin", frozenset({date(2026, 3, 25)})
    )
    assert between(start, end) == 7 * 86400 - 3600
    assert working_seconds(schedule, start, end) == 4 * 3 * 3600 + 7 * 3600
    off = weekly_schedule(
        "Mon-Fri 17:00-20:00; Sat 22:00-06:00", "Europe/Dublin", frozenset({date(2026, 3, 25)})
    )
    assert working_seconds(off, start, end) == 5 * 3 * 3600 + 7 * 3600


def test_a_holiday_takes_the_night_that_begins_on_it() -> None:
    start = datetime(2026, 6, 12, tzinfo=DUBLIN)
    text = "Sat 22:00-06:00; holidays off"
    saturday_off = weekly_schedule(text, "Europe/Dublin", frozenset({date(2026, 6, 13)}))
    sunday_off = weekly_schedule(text, "Europe/Dublin", frozenset({date(2026, 6, 14)}))
    end = start + timedelta(days=4)
    assert working_seconds(saturday_off, start, end) == 0
    assert working_seconds(sunday_off, start, end) == 8 * 3600


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "Mon",
        "Mon 8-9",
        "Mon 08:00",
        "Mon 08:00-08:00",
        "mon 08:00-09:00",
        "Mon 17:00-18:75",
        "Mon 17:75-18:00",
    ],
)
def test_what_cannot_be_read_has_a_way_out(text: str) -> None:
    with pytest.raises(BadHours) as caught:
        weekly_schedule(text)
    message, way_out = caught.value.args
    assert message
    assert way_out
