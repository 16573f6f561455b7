"""Replayed logs: nothing is lost, nobody is recognised, and what was replayed replays again."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.demand import Arrivals, CaseMix, Demand, LogSource, Urgency
from simgrid.domain.distribution import lognormal
from simgrid.domain.inspection import Inspections
from simgrid.domain.units import DAY, HOUR
from simgrid.kinds import kind_from_codes
from simgrid.workload.replay.cells import BadTime, Clock
from simgrid.workload.replay.collect import collect
from simgrid.workload.replay.csv_log import ColumnMapping, read_csv
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.from_log import inspections, load
from simgrid.workload.replay.pseudonyms import Pseudonyms, new_key
from simgrid.workload.replay.rows import CANONICAL, FIELDS
from simgrid.workload.replay.rules import Rules
from simgrid.workload.replay.standard_csv import RejectedRows, write_log
from simgrid.workload.synthetic import draw_inspections
from tests.replay_logs import CODES, COMPLETE, csv_text, row, standard, take

PLANTS = (
    "Kowalczyk",
    "Ó Briain, Siobhán",
    "MRN-7741093",
    "1961-04-17",
    "17.04.1961",
    "+353 87 555 0199",
    "jane.roe@example.org",
    "Roe^Jane^^Dr",
    "12 Harbour Lane",
    "1.2.840.99999.7.41093",
)
SAFE_WHOLE = "774109355512345678"
"""A number that no column may hold as it stands; a shorter one in the column of sizes is a size."""

cell_words = st.sampled_from(("", "CT", "MR", "Brain", "HEAD", "knee", "I61", "S83.2", "stat", "r", "7", "-"))
times = st.sampled_from(("2026-01-05T08:00Z", "2026-01-05T09:30+01:00", "2026-01-05 10:00", "", "soon"))
wild = st.text(max_size=12)
base_rows = st.lists(st.integers(0, 400), min_size=1, max_size=12).map(
    lambda numbers: [row(n) for n in numbers]
)


@st.composite
def planted_logs(draw: st.DrawFn) -> tuple[list[dict[str, str]], set[str]]:
    """Rows of which any cell of any column, used or not, may name somebody."""
    rows = [
        {**one, "inspection_id": f"ACCESSION{n}", "patient_id": "", "Patient Name": "", "Notes": ""}
        for n, one in enumerate(draw(base_rows))
    ]
    plants = (*PLANTS, SAFE_WHOLE)
    planted = set()
    for one in rows:
        for column in draw(st.lists(st.sampled_from(sorted(one)), max_size=4)):
            plant = draw(st.sampled_from(plants))
            planted.add(plant)
            around = draw(
                st.sampled_from(("{}", "CT of {}", "{} knee", " {}\n", "head {}, urgent", "C50.{}"))
            )
            one[column] = around.format(plant)
    return rows, planted


@settings(max_examples=120, deadline=None)
@given(
    log=planted_logs(),
    name=st.sampled_from(PLANTS),
    lenient=st.booleans(),
    shift=st.sampled_from((0, 4)),
    breakage=st.sampled_from(("", '"{}', "{},{}", "{}\0", "x\r{}")),
)
def test_no_identifier_leaves(
    log: tuple[list[dict[str, str]], set[str]], name: str, lenient: bool, shift: int, breakage: str
) -> None:
    rows, planted = log
    rules = Rules(
        zone="Europe/Dublin",
        lenient=frozenset({"modality", "body_part", "icd10", "priority"} if lenient else ()),
        shift_weeks=shift,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        path.write_text(csv_text(rows) + breakage.format(name, name), newline="")
        refused, out = io.StringIO(newline=""), io.StringIO(newline="")
        reader = read_csv(path)
        found = collect([reader], CODES, rules, Pseudonyms(new_key()), RejectedRows(refused, [str(path)]))
        write_log(found, out)
    everything = "\n".join((out.getvalue(), refused.getvalue(), repr(found), *found.summary())).casefold()
    columns = "".join(repr(getattr(found, one.name)) for one in fields(EventLog)).casefold()
    for plant in planted | {name}:
        assert plant.casefold() not in everything
        assert plant.casefold() not in columns
        for piece in plant.casefold().replace(",", " ").replace("^", " ").split():
            assert len(piece) < 6 or piece not in everything
    for given_name in ("North", "Dr Grey", "ACCESSION"):
        assert given_name.casefold() not in everything
    assert found.account.read == found.account.accepted + found.account.rejected
    assert refused.getvalue().count("\n") == found.account.rejected + 1


@st.composite
def shaped(draw: st.DrawFn) -> tuple[list[dict[str, str]], list[str]]:
    columns = draw(st.permutations((*CANONICAL, "Comment", "")))
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    column: times if column.endswith("_at") else st.one_of(cell_words, wild)
                    for column in columns
                }
            ),
            max_size=12,
        )
    )
    return rows, list(columns)


@settings(max_examples=120, deadline=None)
@given(
    log=shaped(),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "latin-1")),
    blanks=st.lists(st.integers(0, 12), max_size=4),
)
def test_every_row_is_accepted_or_refused_once(
    log: tuple[list[dict[str, str]], list[str]], delimiter: str, encoding: str, blanks: list[int]
) -> None:
    """Each written record is found again at its own line, whatever its cells hold."""
    rows, columns = log
    records = [_record([one[column] for column in columns], delimiter, encoding) for one in rows]
    header = _record(columns, delimiter, encoding)
    lines, content, number, blank = [], header, 2, 0
    for index, (record, one) in enumerate(zip(records, rows, strict=True)):
        for _ in range(blanks.count(index)):
            content, number, blank = content + b"\n", number + 1, blank + 1
        if any(one.values()):
            lines.append(number)
        else:
            blank += 1
        content += record
        number += record.count(b"\n")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        if encoding == "utf-8-sig":
            content = b"\xef\xbb\xbf" + content
        path.write_bytes(content)
        reader = read_csv(path, encoding="latin-1" if encoding == "latin-1" else None)
        items = list(reader)
        found, refused = take(
            path, content, encoding="latin-1" if encoding == "latin-1" else None, zone="Europe/Dublin"
        )
    assert reader.blank_lines == blank
    assert found.account.read == len(lines) == len(items)
    # A bare carriage return may be refused as part of a line, but never makes a line of its own.
    assert [one.line for one in items] == lines
    assert {one.line for one in refused} <= set(lines)


def _record(cells: list[str], delimiter: str, encoding: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    plain = stream.getvalue().replace("\0", "")
    return plain.encode("latin-1" if encoding == "latin-1" else "utf-8", "replace")


@settings(max_examples=40, deadline=None)
@given(rows=base_rows, order=st.randoms(use_true_random=False), delimiter=st.sampled_from(",;\t"))
def test_the_log_does_not_depend_on_the_order_of_columns_or_rows(
    rows: list[dict[str, str]], order: object, delimiter: str
) -> None:
    rows = list({one["inspection_id"]: one for one in rows}.values())
    rows = list({one["requested_at"]: one for one in rows}.values())
    columns, shuffled = list(rows[0]), list(rows)
    order.shuffle(columns)  # type: ignore[attr-defined]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        one, _ = take(Path(folder) / "a.csv", csv_text(rows))
        other, _ = take(Path(folder) / "b.csv", csv_text(shuffled, columns, delimiter))
    assert one.digest() == other.digest()
    assert standard(one) == standard(other)


def _source(folder: str, text: str) -> LogSource:
    path = Path(folder) / "standard.csv"
    path.write_text(text, newline="")
    return LogSource(str(path))


@settings(max_examples=60, deadline=None)
@given(log=planted_logs(), microseconds=st.integers(0, 999_999))
def test_the_standard_form_gives_itself_again(
    log: tuple[list[dict[str, str]], set[str]], microseconds: int
) -> None:
    rows, _ = log
    rows[0]["requested_at"] = f"2026-01-05T08:00:00.{microseconds:06d}Z"
    with TemporaryDirectory() as folder:
        found, _ = take(Path(folder) / "log.csv", csv_text(rows), zone="Europe/Dublin")
        text = standard(found)
        again = load(_source(folder, text), CODES)
    assert again.digest() == found.digest()
    assert standard(again) == text
    for column in ("requested_s", "opened_s", "reported_s", "assigned"):
        assert np.array_equal(getattr(again, column), getattr(found, column), equal_nan=column[-2:] == "_s")


KINDS = tuple(
    kind_from_codes(CODES, *triple, 0.25)
    for triple in (("CT", "Brain", "I61"), ("MR", "Knee", "S83"), ("CR", "Thorax", "J18"))
)
MIX = CaseMix(
    KINDS,
    (3.0, 1.0, 1.0),
    {kind.modality: lognormal(1e8, 0.4) for kind in KINDS},
    {kind.modality: 3 for kind in KINDS},
    dict.fromkeys(CODES.modalities, 0.5),
)
DEMAND = Demand(Arrivals(2 * DAY, count=40), MIX, Urgency(0.3, HOUR, 4 * HOUR), defect_share={"CT": 0.2})
SITES = ("north", "south")
START = datetime(2026, 3, 28, tzinfo=ZoneInfo("Europe/Dublin"))


def _exported(drawn: Inspections) -> str:
    """The requests of a run as a log, times in UTC to the microsecond."""
    rows = [
        {
            **dict.fromkeys(FIELDS, ""),
            "inspection_id": drawn.identifier[n],
            "site": drawn.sites[drawn.site[n]],
            "requested_at": (START.astimezone(UTC) + timedelta(seconds=drawn.requested_s[n])).isoformat(),
            "modality": drawn.kinds[drawn.kind[n]].modality,
            "body_part": drawn.kinds[drawn.kind[n]].body_part,
            "protocol": drawn.kinds[drawn.kind[n]].protocol,
            "icd10": drawn.kinds[drawn.kind[n]].icd10,
            "priority": "urgent" if drawn.urgent[n] else "routine",
            "size_bytes": str(int(drawn.size_bytes[n])),
            "images": str(drawn.images[n]),
        }
        for n in range(len(drawn))
    ]
    return csv_text(rows)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_run_exported_and_replayed_has_the_same_arrivals(seed: int) -> None:
    run = draw_inspections(DEMAND, SITES, seed, 0, START)
    with TemporaryDirectory() as folder:
        log = load(_source(folder, _exported(run)), CODES)
    replayed = inspections(log, DEMAND, SITES, seed, 0, START)
    assert len(replayed) == len(run)
    assert np.abs(replayed.requested_s - run.requested_s).max() <= 1e-6
    for column in ("site", "urgent", "required_s", "size_bytes", "images"):
        assert np.array_equal(getattr(replayed, column), getattr(run, column)), column
    assert [replayed.kinds[k] for k in replayed.kind] == [run.kinds[k] for k in run.kind]
    # What has once been written to the microsecond comes back to the last bit.
    with TemporaryDirectory() as folder:
        twice = inspections(load(_source(folder, _exported(replayed)), CODES), DEMAND, SITES, seed, 0, START)
    assert np.array_equal(twice.requested_s, replayed.requested_s)


@settings(max_examples=40, deadline=None)
@given(
    rows=base_rows,
    gone=st.sets(st.integers(0, 11)),
    blank=st.sets(st.sampled_from(("modality", "icd10", "size_bytes", "priority", "images", "site"))),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_draw_belongs_to_its_inspection(
    rows: list[dict[str, str]], gone: set[int], blank: set[str], seed: int
) -> None:
    """Taking rows out of the log moves no draw of those that stay."""
    rows = [{**one, **dict.fromkeys(blank, ""), "inspection_id": f"i{n:016x}"} for n, one in enumerate(rows)]
    rows.append(
        {**COMPLETE, "inspection_id": "i" + "f" * 16, "site": "south", "requested_at": "2026-01-05T07:00Z"}
    )
    rows = [{**one, "site": "south" if one["site"] else ""} for one in rows]
    fewer = [one for n, one in enumerate(rows) if n not in gone or n == len(rows) - 1]
    start = datetime(2026, 1, 5, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        whole, part = (
            inspections(load(_source(folder, csv_text(some)), CODES), DEMAND, SITES, seed, 3, start)
            for some in (rows, fewer)
        )
    at = [whole.identifier.index(name) for name in part.identifier]
    for column in (
        "requested_s",
        "site",
        "urgent",
        "size_bytes",
        "images",
        "reading_draw_min",
        "luck",
        "defect",
    ):
        assert np.array_equal(getattr(whole, column)[at], getattr(part, column)), column
    assert [whole.kinds[whole.kind[n]] for n in at] == [part.kinds[k] for k in part.kind]


@settings(max_examples=300, deadline=None)
@given(
    local=st.one_of(
        st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)),
        st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 30)),
        st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 26)),
        st.datetimes(datetime(2026, 4, 4), datetime(2026, 4, 6)),
        st.datetimes(datetime(2011, 12, 29), datetime(2012, 1, 1)),
    ),
    zone=st.sampled_from(
        ("Europe/Dublin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "UTC")
    ),
)
def test_local_times_are_what_zoneinfo_makes_of_them(local: datetime, zone: str) -> None:
    clock, local = Clock(ZoneInfo(zone)), local.replace(fold=0)
    aware = local.replace(tzinfo=ZoneInfo(zone))
    exists = aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    try:
        instant = clock(local.isoformat())
    except BadTime:
        assert not exists
    else:
        assert exists
        assert abs(instant - aware.timestamp()) < 1e-5
        assert clock.twice == (aware.timestamp() != aware.replace(fold=1).timestamp())


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300), headed=st.booleans())
def test_any_bytes_end_in_rows_and_refusals_in_order(content: bytes, headed: bool) -> None:
    """Garbage below a header never raises, and each record begins on a line of its own."""
    head = b"requested_at,site,icd10\n" if headed else b"icd10;x;requested_at\n"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(head + content)
        reader = read_csv(path, ColumnMapping({"x": "site"}))
        lines = [one.line for one in reader]
        take(path, head + content, zone="UTC")
    assert lines == sorted(set(lines))
    written = len((head + content).splitlines()) if b"\r" not in content else None
    assert written is None or len(lines) <= written
