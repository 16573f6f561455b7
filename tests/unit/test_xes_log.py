"""XES: traces to rows; every trap that XML can set ends in a clear error at once, in little memory."""

from __future__ import annotations

import gzip
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgrid.workload.errors import WorkloadError
from simgrid.workload.replay.rows import CANONICAL, RawRow, Rejected
from simgrid.workload.replay.xes_log import read_xes

# How long it takes is measured by benchmarks/hostile; this only tells work that grows without bound.
RUNAWAY_CPU_S = 10


def text(key: str, value: str, kind: str = "string") -> str:
    return f'<{kind} key="{key}" value="{value}"/>'


def event(name: str, at: str = "", transition: str = "complete", who: str = "", more: str = "") -> str:
    parts = [text("concept:name", name)]
    parts += [text("time:timestamp", f"2026-01-05T{at}:00.000+01:00", "date")] if at else []
    parts += [text("lifecycle:transition", transition)] if transition else []
    parts += [text("org:resource", who)] if who else []
    return f"<event>{''.join(parts)}{more}</event>"


def trace(*events: str, name: str = "i1", more: str = "") -> str:
    return f"<trace>{text('concept:name', name)}{more}{''.join(events)}</trace>"


def log(*traces: str) -> str:
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849.2023" xes.features="" '
        'xmlns="http://www.xes-standard.org/">\n<extension name="Time" prefix="time" uri="http://x/time.xesext"/>'
        f'<global scope="trace">{text("concept:name", "none")}</global>'
        f'<classifier name="Activity" keys="concept:name"/>{text("concept:name", "our log")}\n'
    )
    return head + "\n".join(traces) + "\n</log>\n"


JOURNEY = (
    event("requested", "08:00"),
    event("assigned", "08:10", who="R1"),
    event("Reading", "08:30", "start", "R1"),
    event("Reading", "08:40", "complete", "R1"),
    event("Report sent", "08:45", "complete", "R1"),
)
CELLS = "".join(
    text(key, value)
    for key, value in {
        "site": "North",
        "case:modality": "CT",
        "Body Part": "Brain",
        "Number of images": "300",
        "size_bytes": "1000000",
        "icd10": "C71",
        "Urgency": "stat",
        "protocol": "CT-BRAIN",
        "patient_id": "4711",
        "remark": "not ours",
    }.items()
)


def write(folder: Path, content: str | bytes, name: str = "log.xes") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, **options: dict[str, str]) -> tuple[list[RawRow], list[Rejected]]:
    found = list(read_xes(path, **options))
    rows = [one for one in found if isinstance(one, RawRow)]
    return rows, [one for one in found if isinstance(one, Rejected)]


def fields(folder: Path, *events: str, more: str = "") -> dict[str, str]:
    rows, refused = read(write(folder, log(trace(*events, more=more))))
    assert refused == []
    return dict(rows[0].fields)


def test_a_trace_is_a_row(tmp_path: Path) -> None:
    assert fields(tmp_path, *JOURNEY, more=CELLS) == {
        "inspection_id": "i1",
        "site": "North",
        "modality": "CT",
        "body_part": "Brain",
        "images": "300",
        "size_bytes": "1000000",
        "icd10": "C71",
        "priority": "stat",
        "protocol": "CT-BRAIN",
        "patient_id": "4711",
        "assigned_to": "R1",
        "requested_at": "2026-01-05T08:00:00.000+01:00",
        "opened_at": "2026-01-05T08:30:00.000+01:00",
        "reported_at": "2026-01-05T08:45:00.000+01:00",
    }


def test_rows_know_the_line_where_their_trace_begins(tmp_path: Path) -> None:
    rows, _ = read(write(tmp_path, log(trace(*JOURNEY), trace(*JOURNEY, name="i2"))))
    assert [(one.line, one.fields["inspection_id"]) for one in rows] == [(4, "i1"), (5, "i2")]


@pytest.mark.parametrize(
    ("events", "opened", "reported", "who"),
    [
        ([event("Open", "09:00", "", "R2")], "09:00", "", "R2"),
        (
            [event("report", "09:00", "start"), event("report", "09:30", "complete", "R3")],
            "09:00",
            "09:30",
            "R3",
        ),
        ([event("Interpretation", "09:00", "start"), event("interpretation", "09:20")], "09:00", "09:20", ""),
        ([event("reading", "09:00", "assign", "R4"), event("reading", "09:05", "start")], "09:05", "", "R4"),
        ([event("reported", "09:00"), event("reported", "10:00")], "", "09:00", ""),
        ([event("report", "09:00", "schedule"), event("report", "09:10", "suspend")], "", "", ""),
        ([event("reported"), event("reported", "10:00")], "", "10:00", ""),
        ([event("lunch", "12:00", "complete", "R9")], "", "", ""),
    ],
)
def test_events_are_understood_by_name_and_transition(
    tmp_path: Path, events: list[str], opened: str, reported: str, who: str
) -> None:
    found = fields(tmp_path, event("order", "08:00", "start"), *events)
    assert found["requested_at"][11:16] == "08:00"
    assert (found.get("opened_at", "")[11:16], found.get("reported_at", "")[11:16]) == (opened, reported)
    assert found.get("assigned_to", "") == who


def test_attributes_of_events_fill_what_the_trace_leaves_open(tmp_path: Path) -> None:
    asked = event("requested", "08:00", more=text("modality", "MR") + text("site", "South"))
    nested = '<string key="x" value="y"><string key="priority" value="stat"/></string>'
    found = fields(tmp_path, asked, more=text("site", "North") + nested)
    assert (found["modality"], found["site"]) == ("MR", "North")
    assert "priority" not in found, "attributes of attributes are none of the trace"


def test_a_log_may_bring_its_own_names(tmp_path: Path) -> None:
    events = [event("Aufnahme", "08:00"), event("Befund fertig", "09:00")]
    path = write(tmp_path, log(trace(*events, more=text("Geraet", "CT"))))
    own = {"attributes": {"geraet": "modality"}, "events": {"aufnahme": "request", "befund_fertig": "report"}}
    rows, _ = read(path, **own)
    assert {"modality", "requested_at", "reported_at"} <= set(rows[0].fields)
    assert set(read(path)[0][0].fields) == {"inspection_id"}
    with pytest.raises(WorkloadError, match=r"(?s)'device'.*'done'|'device'"):
        read(path, attributes={"geraet": "device"})


def test_withdrawn_requests_loose_events_and_endless_values_are_refused(tmp_path: Path) -> None:
    traces = [
        trace(event("requested", "08:00"), event("requested", "09:00", "withdraw")),
        trace(event("requested", "08:00"), event("Cancelled")),
        trace(*JOURNEY, more=text("site", "x" * 1001)),
        event("requested", "08:00"),
        trace(*JOURNEY),
    ]
    rows, refused = read(write(tmp_path, log(*traces)))
    assert len(rows) == 1
    assert [(one.line, one.field, one.reason.split(":")[0][:12]) for one in refused] == [
        (4, "", "the request "),
        (5, "", "the request "),
        (6, "site", "a value of o"),
        (7, "", "an event out"),
    ]


def test_prefixed_and_packed_logs_read_the_same(tmp_path: Path) -> None:
    plain = log(trace(*JOURNEY, more=CELLS))
    expected = read(write(tmp_path, plain))[0][0].fields
    prefixed = plain.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?")
    contents = [
        prefixed.replace("xmlns=", "xmlns:x=").encode(),
        plain.replace('encoding="UTF-8"', "").encode("utf-16"),
        gzip.compress(plain.encode()),
    ]
    for number, content in enumerate(contents):
        assert read(write(tmp_path, content, f"log-{number}"))[0][0].fields == expected


BOMB = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {"abcdefghijk"[n]} "{("&" + "abcdefghijk"[n - 1] + ";") * 10}">' for n in range(1, 11)
)
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (
        f'{BOMB}]><log><trace><string key="site" value="&k;"/></trace></log>'.encode,
        "document type",
    ),
    "external entity": (
        lambda: b'<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log>&x;</log>',
        "document type",
    ),
    "external document type": (
        lambda: b'<!DOCTYPE log SYSTEM "http://localhost:1/x.dtd"><log/>',
        "document type",
    ),
    "undefined entity": (lambda: log(text("a", "&x;")).encode(), "well-formed"),
    "depth": (lambda: b"<log>" + b"<list>" * 1_000_000, "deeper than 50"),
    "endless attribute": (lambda: b'<log><string key="' + b"a" * 10_000_000, "tag or comment"),
    "endless comment": (lambda: b"<log><!--" + b"a" * 10_000_000, "tag or comment"),
    "endless instruction": (lambda: b"<?x " + b"a" * 10_000_000, "tag or comment"),
    "endless names": (lambda: b"<log>" + b"".join(b"<a%d/>" % n for n in range(100_000)), "different names"),
    "endless attributes": (
        lambda: b"<log><a " + b" ".join(b'a%d=""' % n for n in range(20_000)) + b"/>",
        "different names",
    ),
    "gzip bomb": (
        lambda: gzip.compress(b"<log>" + (b"<trace>" + b" " * 200 + b"</trace>\n") * 40_000, 9),
        "unpacks to over 250 times",
    ),
    "cut gzip": (lambda: gzip.compress(log(trace(*JOURNEY)).encode())[:-20], "gzip"),
    "broken gzip": (lambda: b"\x1f\x8b" + b"x" * 100, "gzip"),
    "cut": (lambda: log(trace(*JOURNEY)).encode()[:-10], "well-formed"),
    "nothing": (lambda: b"", "well-formed"),
    "other root": (lambda: b"<html></html>", "XES log with <log>"),
    "trace in trace": (lambda: log(trace(trace())).encode(), "does not belong"),
    "encoding": (lambda: b'<?xml version="1.0" encoding="klingon"?><log/>', "encoding"),
    "utf-7": (lambda: b'<?xml version="1.0" encoding="utf-7"?><log/>', "encoding"),
    "binary": (lambda: bytes(range(256)) * 100, "well-formed"),
}


@pytest.mark.parametrize("trap", HOSTILE)
def test_every_trap_ends_within_a_second_in_little_memory(tmp_path: Path, trap: str) -> None:
    make, reason = HOSTILE[trap]
    path = write(tmp_path, make())
    began = time.process_time()
    with pytest.raises(WorkloadError, match=reason) as caught:
        sum(1 for _ in read_xes(path))
    assert time.process_time() - began < RUNAWAY_CPU_S
    assert str(path) in str(caught.value)
    assert peak_of(lambda: refused(path)) < 10_000_000


def refused(path: Path) -> None:
    with pytest.raises(WorkloadError):
        sum(1 for _ in read_xes(path))


def peak_of(work: Callable[[], object]) -> int:
    """Bytes that Python held at most during the work."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_endless_text_between_tags_costs_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, log(trace(*JOURNEY), "x" * 20_000_000, "<![CDATA[" + "y" * 20_000_000 + "]]>"))
    assert len(read(path)[0]) == 1
    assert peak_of(lambda: read(path)) < 2_000_000


def test_a_long_log_streams(tmp_path: Path) -> None:
    path = write(tmp_path, log(*(trace(*JOURNEY, name=f"i{n}") for n in range(2000))))
    assert sum(1 for _ in read_xes(path)) == 2000
    assert peak_of(lambda: sum(1 for _ in read_xes(path))) < 2_000_000


def test_a_pipe_is_an_error_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WorkloadError, match="regular file"):
        list(read_xes(tmp_path / "pipe"))


VALID = log(trace(*JOURNEY, more=CELLS), trace(event("order", "08:00"), name="i2")).encode()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([VALID, gzip.compress(VALID, mtime=0), b""]),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 9), st.binary(max_size=9)), max_size=5),
)
def test_damaged_logs_and_random_bytes_are_rows_or_our_error(
    tmp_path: Path, content: bytes, cuts: list[tuple[int, int, bytes]]
) -> None:
    for at, length, put in cuts:
        start = at % (len(content) + 1)
        content = content[:start] + put + content[start + length :]
    try:
        rows, refused = read(write(tmp_path, content))
    except WorkloadError as error:
        assert str(tmp_path) in str(error)
        return
    assert len(rows) + len(refused) <= content.count(b"<trace") + content.count(b"<event") + 2
    assert all(set(row.fields) <= set(CANONICAL) for row in rows)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('<>/ltraceogvnsikyu="& ?![]-\x01é'), max_size=80))
def test_random_tags_are_rows_or_our_error(tmp_path: Path, middle: str) -> None:
    try:
        rows, _ = read(write(tmp_path, log(trace(*JOURNEY), middle)))
    except WorkloadError:
        return
    assert rows
