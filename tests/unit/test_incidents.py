"""Tables of real incidents: every row is an outage or a refusal that says where and why."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.events import LinkLimit
from simgrid.network.incidents import Incidents, read_incidents

START = datetime(2026, 2, 10, tzinfo=UTC)
PLACES = ("harbour", "hill", "data-centre")


def read(text: str, zone: str = "UTC") -> Incidents:
    return read_incidents(text.splitlines(keepends=True), PLACES, START, ZoneInfo(zone))


def test_rows_become_outages_in_seconds_since_the_start() -> None:
    found = read(
        "link,started_at,ended_at\n"
        "harbour,2026-02-10T01:00,2026-02-10T02:30:30\n"
        "\n"
        "hill,2026-02-10 02:00+02:00,\n"
    )
    assert found.accepted == (LinkLimit("harbour", 3600.0, 9030.0), LinkLimit("hill", 0.0, math.inf))
    assert (found.refused, found.read) == ((), 2)


def test_columns_may_stand_anywhere_among_others_and_be_parted_otherwise() -> None:
    found = read('\ufeffTicket;Ended_At;"Link";started_at\n77;2026-02-10T02:00;"hill";2026-02-10T01:00\n')
    assert found.accepted == (LinkLimit("hill", 3600.0, 7200.0),)


def test_local_times_are_of_the_zone() -> None:
    found = read("link\tstarted_at\tended_at\nhill\t2026-02-10T09:00\t2026-02-10T10:00\n", "Asia/Tokyo")
    assert found.accepted == (LinkLimit("hill", 0.0, 3600.0),)


def test_every_row_that_is_refused_says_where_and_why() -> None:
    found = read(
        "link,started_at,ended_at\n"
        "harbor,2026-02-10T01:00,2026-02-10T02:00\n"
        "hill,yesterday,2026-02-10T02:00\n"
        "hill,2026-02-10T01:00,2026-02-10T01:00\n"
        "hill,2026-02-10T01:00\n"
        'hill,"2026-02-10T01:00,2026-02-10T02:00\n'
        "hill,2026-02-30T01:00,\n"
        "hill,,2026-02-10T02:00\n"
        "nowhere,2026-02-10T01:00,\n"
        "hill,2026-02-10T01:00,2026-02-10T02:00\n"
    )
    assert [(one.line, one.column) for one in found.refused] == [
        (2, "link"),
        (3, "started_at"),
        (4, "ended_at"),
        (5, ""),
        (6, ""),
        (7, "started_at"),
        (8, "started_at"),
        (9, "link"),
    ]
    said = [str(one) for one in found.refused]
    assert said[0] == "line 2, link 'harbor': no such place: did you mean 'harbour'?"
    assert "are they swapped" in said[2]
    assert said[3] == "line 5: the row has 2 cells: ended_at missing"
    assert "the places are data-centre, harbour, hill" in said[7]
    assert (len(found.accepted), found.read) == (1, 9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the table is empty"),
        ("\n\n", "the table is empty"),
        ("link,started_at\n", "no column 'ended_at'"),
        ("link,link,started_at,ended_at\n", "column 'link' occurs twice"),
    ],
)
def test_a_table_without_its_header_is_refused_as_a_whole(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(text)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        read_incidents(["link,started_at,ended_at"], PLACES, datetime(2026, 2, 10), UTC)


cells = st.one_of(
    st.sampled_from(
        ["hill", "harbour", "", '"', "2026-02-10T01:00", "2026-02-11", "9999-12-31T23:59", "0001-01-01"]
    ),
    st.text('hi"; \t,\0é-1', max_size=4),
)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.lists(cells, min_size=1, max_size=5), max_size=8))
def test_whatever_the_table_holds_every_row_is_accounted_for(rows: list[list[str]]) -> None:
    lines = ["link,started_at,ended_at\n", *(",".join(row) + "\n" for row in rows)]
    found = read_incidents(lines, PLACES, START, ZoneInfo("Europe/Berlin"))
    blank = sum(not line.strip(" ,;\t\r\n\ufeff") for line in lines)
    assert found.read == len(rows) - blank
    numbers = [one.line for one in found.refused]
    assert numbers == sorted(set(numbers))
    assert all(2 <= number <= len(lines) for number in numbers)
