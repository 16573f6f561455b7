"""HL7 v2 feeds: framing, joining, cells, refusals; an independent reader."""

from __future__ import annotations

import os
from pathlib import Path

import hl7
import pytest

from simgrid.codes import CodeTables
from simgrid.workload.errors import WorkloadError
from simgrid.workload.replay.hl7_feed import read_hl7
from simgrid.workload.replay.hl7_messages import OUTSIDE
from tests.hl7_feeds import PID, framed_mllp, header, order, read, report, wrapped, write


@pytest.mark.parametrize(
    ("who", "began"),
    [
        ("R7&House^202601050945", "2026-01-05T09:45:00+01:00"),
        ("R7&House^20260105084530.5+0000^202601051000", "2026-01-05T08:45:30.500000+00:00"),
        ("|R9&Grey^202601050950", "2026-01-05T09:50:00+01:00"),
        ("R7&House^20260105", ""),  # a mere date
        ("R7&House^202602300945", ""),  # no day
        ("R7&House^202601051031", ""),  # after the report
        ("R7&House", ""),
    ],
)
def test_a_reading_began_when_the_interpreter_is_said_to_have_begun(
    tmp_path: Path, who: str, began: str
) -> None:
    (row,), refused = read(write(tmp_path, order(), report(who=who)))
    assert refused == []
    assert row.fields.get("opened_at", "") == began
    assert row.fields["reported_at"] == "2026-01-05T10:30:00+01:00"


def test_an_order_and_its_report_are_one_row(tmp_path: Path) -> None:
    rows, refused = read(write(tmp_path, order(), report()))
    assert refused == []
    assert len(rows) == 1
    assert rows[0].line == 1
    assert dict(rows[0].fields) == {
        "inspection_id": "P1",
        "patient_id": "4711^H",
        "site": "NORTH",
        "modality": "CT",
        "body_part": "Brain",
        "protocol": "CTBRAIN",
        "icd10": "C71.9",
        "priority": "S",
        "requested_at": "2026-01-05T08:15:00+01:00",
        "reported_at": "2026-01-05T10:30:00+01:00",
        "assigned_to": "R7",
    }


@pytest.mark.parametrize(
    "bytes_of",
    [
        lambda messages: "".join(messages).encode(),
        lambda messages: "".join(messages).replace("\r", "\n").encode(),
        lambda messages: "\n".join(messages).replace("\r", "\r\n").encode(),
        framed_mllp,
        wrapped,
        lambda messages: b"\xef\xbb\xbf" + "".join(messages).encode().rstrip(b"\r"),
    ],
    ids=["cr", "lf", "crlf and blank lines", "mllp", "batch", "mark and no last end"],
)
def test_every_framing_gives_the_same_rows(tmp_path: Path, bytes_of: object) -> None:
    messages = [order(), order("P2", "F2"), report("P2", "F2"), report()]
    plain = read(write(tmp_path, *messages, name="plain"))
    other = read(write(tmp_path, bytes_of(messages), name="other"))  # type: ignore[operator]
    assert len(plain[0]) == 2
    assert not plain[1] and not other[1]
    assert [(one.line, one.fields) for one in plain[0]] == [(one.line, one.fields) for one in other[0]]


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_a_segment_may_break_over_any_two_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    path = write(tmp_path, wrapped([order(), order("P2", "F2"), report()]))
    whole = read(path)
    monkeypatch.setattr("simgrid.workload.replay.hl7_messages._CHUNK", size)
    assert read(path) == whole


def test_a_folder_is_read_file_by_file_whatever_the_order(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path, report(), name="a-report")
    write(tmp_path / "in", order(), order("P2", "F2"), name="orders")
    write(tmp_path, "junk", name=".hidden")
    os.mkfifo(tmp_path / "in" / "pipe")
    write(tmp_path / "in", "text", name="remarks")
    rows, refused = read(tmp_path)
    assert [(one.source, one.line, one.fields.get("reported_at", "")) for one in rows] == [
        (str(tmp_path), 1, "2026-01-05T10:30:00+01:00"),
        (str(tmp_path), 3, ""),
    ]
    assert rows[0].fields["requested_at"] == "2026-01-05T08:15:00+01:00"
    assert rows[0].fields["site"] == "NORTH", "the order knows the site better than the report"
    assert [(one.line, one.reason) for one in refused] == [
        (3, "file 3 is no regular file: copy its content into one"),
        (4, f"{OUTSIDE} (in file 4 by name)"),
    ]


def test_a_pipe_given_as_a_feed_is_an_error_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WorkloadError, match="regular file"):
        list(read_hl7([tmp_path / "pipe"]))
    with pytest.raises(WorkloadError, match="absent"):
        list(read_hl7([tmp_path / "absent"]))


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([order(), order(control="CA")], "cancelled"),
        ([order(), order(control="DC")], "cancelled"),
        ([order(), report(status="X")], "cancelled"),
        ([report()], "without its order"),
        ([report(status="P")], "not final"),
        ([header("ADT^A01") + "\r" + PID + "\r"], "neither an order"),
        ([header("ORM^O01") + "\r" + PID + "\r"], "holds no order"),
        ([order("", "", accession="")], "no order number"),
        ([order(at="20260105")], "to the minute"),
        ([order(at="202602300815")], "no such time"),
        ([order(at="202601050815+0199")], "no such time"),
        ([report(wanted="today")], "to the minute"),
        ([order(charset="ISO IR87")], "not supported"),
        (["MSH|||\r"], "delimiters"),
        (["MSHabcde\r"], "delimiters"),
        (["hello\r", "world\r"], "outside any message"),
        ([header("ORM^O01") + "\rORC|NW|" + "9" * 1001 + "\r"], "1000 characters"),
        ([order("P1^HIS", "F1"), order("P2^HIS", "F2"), report("P1", "F2")], "two different orders"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    tmp_path: Path, messages: list[str], reason: str
) -> None:
    rows, refused = read(write(tmp_path, *messages))
    assert [one for one in refused if reason in one.reason], refused
    assert len(refused) == 1
    assert len(rows) == (2 if "two different" in reason else 0)


@pytest.mark.parametrize("control", ["NW", "SN"])
def test_the_time_of_a_new_order_is_that_of_the_request(tmp_path: Path, control: str) -> None:
    """SN: the order is new and its filler's number was asked for."""
    rows, refused = read(write(tmp_path, order(control=control, wanted="202601051300")))
    assert refused == []
    assert rows[0].fields["requested_at"] == "2026-01-05T08:15:00+01:00"


def test_a_cancellation_that_failed_leaves_the_order(tmp_path: Path) -> None:
    rows, refused = read(write(tmp_path, order(), order(control="CA"), order(control="UC")))
    assert (len(rows), refused) == (1, [])


def test_an_orphan_report_that_says_when_it_was_requested_is_a_row(tmp_path: Path) -> None:
    rows, refused = read(write(tmp_path, report(wanted="202601050700")))
    assert refused == []
    assert rows[0].fields["requested_at"] == "2026-01-05T07:00:00+01:00"
    assert rows[0].fields["site"] == "RIS"


def test_only_the_first_final_report_counts(tmp_path: Path) -> None:
    drafts = [report(status="P", at="202601050901", who="R1"), report(at="202601051000", who="R2")]
    rows, _ = read(write(tmp_path, order(), *drafts, report(at="202601060000", who="R3")))
    assert (rows[0].fields["assigned_to"], rows[0].fields["reported_at"][:16]) == ("R2", "2026-01-05T10:00")


def test_a_changed_order_keeps_its_time_of_request_and_takes_the_rest(tmp_path: Path) -> None:
    later = order(control="XO", at="202601051200", wanted="202601051300", section="MR")
    for messages in ([order(), later], [later, order()]):
        rows, _ = read(write(tmp_path, *messages))
        assert rows[0].fields["requested_at"] == "2026-01-05T08:15:00+01:00"
    assert read(write(tmp_path, order(), later))[0][0].fields["modality"] == "MR"
    only_later = read(write(tmp_path, order(control="XO", at="202601051200")))[0]
    assert "requested_at" not in only_later[0].fields, "the time of a change is not that of the request"


def test_numbers_of_two_authorities_are_two_numbers(tmp_path: Path) -> None:
    one, other = order("7^HIS-A", "", accession=""), order("7^HIS-B", "", accession="")
    rows, refused = read(write(tmp_path, one, other, report("7^HIS-B", "")))
    assert refused == []
    assert [(row.fields["inspection_id"], "reported_at" in row.fields) for row in rows] == [
        ("7^HIS-A", False),
        ("7^HIS-B", True),
    ]
    _, refused = read(write(tmp_path, one, other, report("7", "")))
    assert ["two different" in one.reason for one in refused] == [True]


def test_an_accession_number_joins_only_where_order_numbers_do_not_contradict(tmp_path: Path) -> None:
    two = [order("P1", "", accession="A1"), order("P2", "", accession="A1")]
    assert len(read(write(tmp_path, *two))[0]) == 2
    rows, _ = read(write(tmp_path, order("P1", "", accession="A1"), report("", "", accession="A1")))
    assert [row.fields["reported_at"] for row in rows] == ["2026-01-05T10:30:00+01:00"]


def test_several_orders_in_one_message(tmp_path: Path) -> None:
    second = order("P2", "F2", section="MR").split("\r", 3)[3]
    rows, refused = read(write(tmp_path, order() + second))
    assert refused == []
    assert [(row.fields["inspection_id"], row.fields["modality"]) for row in rows] == [
        ("P1", "CT"),
        ("P2", "MR"),
    ]
    assert {row.fields["patient_id"] for row in rows} == {"4711^H"}


def test_one_bad_order_of_a_message_does_not_cost_the_others(tmp_path: Path) -> None:
    second = order("P2", "F2", at="never").split("\r", 3)[3]
    rows, refused = read(write(tmp_path, order() + second))
    assert [row.fields["inspection_id"] for row in rows] == ["P1"]
    assert [(one.line, one.field) for one in refused] == [(1, "requested_at")]


@pytest.mark.parametrize(
    ("site_from", "site"),
    [(("MSH-4",), "NORTH"), (("PV1-3",), "SOUTH"), (("ORC-17", "MSH-4"), "EAST"), ((), "")],
)
def test_the_site_comes_from_where_the_user_says(
    tmp_path: Path, site_from: tuple[str, ...], site: str
) -> None:
    rows, _ = read(write(tmp_path, order(entered="EAST")), site_from=site_from)
    assert rows[0].fields.get("site", "") == site


@pytest.mark.parametrize(
    ("more", "modality"),
    [
        ({"section": "NMR"}, "MR"),
        ({"section": "RUS"}, "US"),
        ({"section": "RAD", "text": "MRI of the knee"}, "MR"),
        ({"section": "", "text": "CT-BRAIN"}, "CT"),
        ({"section": "", "text": "Chest, CT"}, ""),
    ],
)
def test_the_modality_is_stated_or_begins_the_text(
    tmp_path: Path, more: dict[str, str], modality: str
) -> None:
    rows, _ = read(write(tmp_path, order(**more)))
    assert rows[0].fields.get("modality", "") == modality


def test_an_imaging_order_states_modality_and_accession(tmp_path: Path) -> None:
    lines = [
        header("OMI^O23^OMI_O23"),
        PID,
        "ORC|NW|||||||202601050815|202601050815",
        "TQ1|1||||||||A^ASAP",
        "OBR|1|||KNEE^Knee",
        "IPC|A9^RIS|RP1|1.2.3|S1|MR^Magnetic",
    ]
    rows, refused = read(write(tmp_path, "\r".join(lines)))
    assert refused == []
    fields = rows[0].fields
    assert (fields["inspection_id"], fields["modality"], fields["priority"]) == ("A9^RIS", "MR", "A")


def test_the_body_part_of_the_text_is_found_by_the_code_tables(tmp_path: Path) -> None:
    path = write(tmp_path, order(part="", text="CT of the knee"))
    assert "body_part" not in read(path)[0][0].fields
    known = read(path, body_part_in=CodeTables.default().body_part_in_text)[0][0].fields
    assert known["body_part"] == CodeTables.default().body_part_from_dicom("KNEE")


@pytest.mark.parametrize(
    ("coded", "icd10"),
    [
        ("C71.9^Brain^I10", "C71.9"),
        ("C719^Brain^ICD-10-GM", "C719"),
        ("C71^Brain", "C71"),
        ("191.9^Brain^I9C^C71^Brain^I10", "C71"),
        ("191.9^Brain^I9C", ""),
        ("suspected tumour", ""),
    ],
)
def test_only_icd10_codes_are_taken(tmp_path: Path, coded: str, icd10: str) -> None:
    rows, _ = read(write(tmp_path, order().replace("C71.9^Brain^I10", coded)))
    assert rows[0].fields.get("icd10", "") == icd10


def test_times_keep_seconds_and_offsets(tmp_path: Path) -> None:
    cases = {
        "20260105081530.25-0530": "2026-01-05T08:15:30.250000-05:30",
        "202601050815": "2026-01-05T08:15:00",
    }
    for text, iso in cases.items():
        rows, _ = read(write(tmp_path, order(at=text, sent="20260105")))
        assert rows[0].fields["requested_at"] == iso


def test_escapes_repetitions_and_other_delimiters(tmp_path: Path) -> None:
    escaped = order(part="A\\F\\B\\S\\C\\T\\D\\R\\E\\E\\F\\X2B\\G\\.br\\H\\N\\I\\Xzz\\J")
    assert read(write(tmp_path, escaped))[0][0].fields["body_part"] == "A|B^C&D~E\\F+G HIJ"
    swapped = order().translate(str.maketrans("|^~\\&", "!@#$%"))
    assert (
        read(write(tmp_path, swapped))[0][0].fields["patient_id"]
        == read(write(tmp_path, order()))[0][0].fields["patient_id"]
    )


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("UNICODE UTF-8", "utf-8"), ("8859/1", "latin-1"), ("8859/15~ISO IR87", "iso8859-15"), ("", "latin-1")],
)
def test_character_sets(tmp_path: Path, charset: str, codec: str) -> None:
    rows, refused = read(write(tmp_path, order(part="Schädel", charset=charset).encode(codec)))
    assert refused == []
    assert rows[0].fields["body_part"] == "Schädel"


def test_bytes_outside_the_stated_set_refuse_the_order_only_where_they_are_used(tmp_path: Path) -> None:
    name = order(charset="UNICODE UTF-8").encode().replace(b"DOE", b"D\xd6E")
    assert len(read(write(tmp_path, name))[0]) == 1
    part = order(charset="UNICODE UTF-8").encode().replace(b"&Brain", b"&Sch\xe4del")
    rows, refused = read(write(tmp_path, part))
    assert rows == []
    assert "MSH-18" in refused[0].reason


def test_nothing_of_the_patient_but_the_identifier_is_handed_over(tmp_path: Path) -> None:
    bad = order(at="DOE JOHN 19700101").replace("F1", "DOE")
    rows, refused = read(write(tmp_path, order("P9", "F9"), report("P9", "F9"), bad, report("DOE", "JOHN")))
    text = repr([one.fields for one in rows]) + repr(refused).replace(str(tmp_path), "")
    assert len(refused) == 2
    assert not any(secret in text for secret in ("DOE", "JOHN", "19700101"))


def test_every_order_comes_out_once(tmp_path: Path) -> None:
    messages = [order(f"P{n}", f"F{n}", accession=f"A{n}") for n in range(300)]
    messages += [report(f"P{n}", f"F{n}", status="F" if n % 3 else "P") for n in range(0, 400, 2)]
    messages += [order(f"P{n}", f"F{n}", control="CA", accession=f"A{n}") for n in range(0, 300, 5)]
    rows, refused = read(write(tmp_path, *messages))
    assert len(rows) == 240
    assert len(refused) == 60 + 50
    assert len({row.fields["inspection_id"] for row in rows}) == 240


def test_the_cells_are_those_of_an_independent_reader(tmp_path: Path) -> None:
    text = order(part="Hals \\T\\ Kopf", entered="EAST") + report()
    (row,), _ = read(write(tmp_path, text))
    ours = row.fields
    asked, told = (hl7.parse("MSH" + one) for one in text.split("MSH")[1:])
    assert ours["site"] == str(asked["MSH.F4"])
    assert ours["inspection_id"] == asked["ORC.F2"]
    assert ours["protocol"] == asked["OBR.F4.R1.C1"]
    assert ours["body_part"] == asked.unescape(asked["OBR.F15.R1.C4.S2"])
    assert ours["icd10"] == asked["DG1.F3.R1.C1"]
    assert ours["priority"] == asked["ORC.F7.R1.C6"]
    assert ours["assigned_to"] == told["OBR.F32.R1.C1.S1"]
    assert ours["reported_at"].startswith(hl7.parse_datetime(told["OBR.F22"]).isoformat())
    assert ours["patient_id"].split("^")[0] == asked["PID.F3.R1.C1"]
