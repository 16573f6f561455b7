"""HL7 and XES through the whole intake: every row accounted for, and nobody's name in any output byte."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from simgrid.codes import CodeTables
from simgrid.workload.replay.collect import collect
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.hl7_feed import read_hl7
from simgrid.workload.replay.pseudonyms import Pseudonyms
from simgrid.workload.replay.rows import RawRow, Rejected
from simgrid.workload.replay.rules import Rules
from simgrid.workload.replay.standard_csv import RejectedRows, write_log
from simgrid.workload.replay.xes_log import read_xes
from tests.hl7_feeds import order, report
from tests.unit.test_xes_log import CELLS, JOURNEY, log, text, trace

CODES = CodeTables.default()
PLANTED = "DOE^JOHN"
PARTS = ("DOE", "JOHN")


def through(reader: Iterable[RawRow | Rejected], path: Path) -> tuple[EventLog, str]:
    """The log, and all that would be written of it."""
    rejected, standard = io.StringIO(newline=""), io.StringIO(newline="")
    note = RejectedRows(rejected, [str(path)])
    found = collect([reader], CODES, Rules(zone="UTC"), Pseudonyms(bytes(32)), note)
    write_log(found, standard)
    account = found.account
    assert account.read == account.accepted + account.rejected
    assert note.written == account.rejected
    return found, standard.getvalue() + rejected.getvalue() + "\n".join(found.summary())


def test_orders_and_reports_become_a_log(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_text(order() + report() + order("P2", "F2", control="CA") + report("P3", "F3"))
    found, _ = through(read_hl7([path], body_part_in=CODES.body_part_in_text), path)
    assert (found.account.read, found.account.accepted) == (3, 1)
    assert found.reported_s[0] - found.requested_s[0] == 2.25 * 3600
    assert (found.patterns[0].modality, found.patterns[0].body_part) == ("CT", "Brain")


def test_traces_become_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(log(trace(*JOURNEY, more=CELLS), trace(name="i2", more=CELLS)))
    found, _ = through(read_xes(path), path)
    assert (found.account.read, found.account.accepted) == (2, 1)
    assert found.reported_s[0] - found.opened_s[0] == 15 * 60


SEGMENTS = [one for message in (order(), report()) for one in message.split("\r") if one]
PLACES = [
    (number, field)
    for number, segment in enumerate(SEGMENTS)
    for field in range(2 if segment.startswith("MSH") else 1, segment.count("|") + 2)
]


@pytest.mark.parametrize("control", ["NW", "CA"])
def test_a_name_in_any_field_of_hl7_goes_no_further(tmp_path: Path, control: str) -> None:
    path = tmp_path / "feed"
    for number, field in PLACES:
        segments = [one.replace("ORC|NW", f"ORC|{control}") for one in SEGMENTS]
        fields = [*segments[number].split("|"), ""]
        fields[field] = PLANTED
        segments[number] = "|".join(fields)
        path.write_text("\r".join(segments))
        _, written = through(read_hl7([path], body_part_in=CODES.body_part_in_text), path)
        assert not any(part in written for part in PARTS), (SEGMENTS[number][:3], field, written)


def test_a_name_in_any_attribute_of_xes_goes_no_further(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    whole = log(trace(*JOURNEY, more=CELLS + text("patient_id", "1")))
    values = [part.split('"')[0] for part in whole.split("<trace>")[1].split('value="')[1:]]
    for place in range(len(values)):
        head, body = whole.split("<trace>")
        pieces = body.split('value="')
        pieces[place + 1] = PLANTED + pieces[place + 1][len(values[place]) :]
        path.write_text(f"{head}<trace>" + 'value="'.join(pieces))
        _, written = through(read_xes(path), path)
        assert not any(part in written for part in PARTS), (values[place], written)
