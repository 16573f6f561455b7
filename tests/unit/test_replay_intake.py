"""From cells to columns: each rule of the intake on a row made for it."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simgrid.workload.replay.collect import collect
from simgrid.workload.replay.csv_log import read_csv
from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.priorities import LEVELS
from simgrid.workload.replay.pseudonyms import Pseudonyms
from simgrid.workload.replay.rows import RawRow
from simgrid.workload.replay.rules import Rules
from simgrid.workload.replay.standard_csv import RejectedRows
from tests.replay_logs import CODES, KEY, csv_text, row, standard, take


def only_reason(tmp_path: Path, **changes: str) -> tuple[str, str]:
    """Field and reason of a row that must be refused, beside a good one that must not."""
    log, refused = take(tmp_path / "log.csv", csv_text([row(1), row(2, **changes)]))
    assert len(log) == 1
    (one,) = refused
    assert one.line == 3
    return one.field, one.reason


def test_a_complete_row_is_understood(tmp_path: Path) -> None:
    reported = "2026-01-05T09:10:00.25+01:00"
    log, refused = take(tmp_path / "log.csv", csv_text([row(1, reported_at=reported)]), zone="Asia/Tokyo")
    assert refused == []
    assert log.requested_s[0] == datetime(2026, 1, 5, 8, 1, tzinfo=UTC).timestamp()
    assert log.reported_s[0] == datetime(2026, 1, 5, 8, 10, 0, 250_000, tzinfo=UTC).timestamp()
    assert np.isnan(log.opened_s[0])
    (pattern,) = log.patterns
    assert (pattern.modality, pattern.body_part, pattern.icd10) == ("CT", "Brain", "I61")
    assert [kind.protocol for kind in pattern.kinds] == ["CT-BRAIN"]
    assert (log.size_bytes[0], log.images[0], LEVELS[log.priority[0]]) == (187e6, 342, "stat")
    assert (log.sites, log.radiologists) == (("site-01",), ("radiologist-01",))


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"requested_at": ""}, "requested_at", "is missing"),
        ({"requested_at": "2026-01-05T08:00"}, "requested_at", "has no offset"),
        ({"requested_at": "2026-01-05"}, "requested_at", "no time of day"),
        ({"requested_at": "05.01.2026 08:00"}, "requested_at", "no ISO 8601"),
        ({"requested_at": "2026-02-30T08:00Z"}, "requested_at", "no ISO 8601"),
        ({"requested_at": "0001-01-01T00:00+14:00"}, "requested_at", "of no year"),
        ({"reported_at": "9999-12-31T23:59:59-12:00"}, "reported_at", "of no year"),
        ({"opened_at": "2026-01-05T07:00Z"}, "opened_at", "before requested_at"),
        ({"reported_at": "2026-01-05T07:00Z"}, "reported_at", "before requested_at"),
        (
            {"opened_at": "2026-01-05T09:00Z", "reported_at": "2026-01-05T08:59Z"},
            "reported_at",
            "before opened_at",
        ),
        ({"modality": "XX"}, "modality", "not in the code tables"),
        ({"body_part": "tentacle"}, "body_part", "not in the code tables"),
        ({"icd10": "Z99"}, "icd10", "not in the code tables"),
        ({"icd10": "stroke"}, "icd10", "not in the code tables"),
        ({"modality": "MG", "body_part": "Knee"}, "body_part", "has no protocol"),
        ({"priority": "soon"}, "priority", "no known priority"),
        ({"size_bytes": "-1"}, "size_bytes", "no number of bytes"),
        ({"size_bytes": "0"}, "size_bytes", "no size"),
        ({"size_bytes": "1e14"}, "size_bytes", "no size"),
        ({"size_bytes": "1,5"}, "size_bytes", "no number of bytes"),
        ({"size_bytes": "1_000"}, "size_bytes", "no number of bytes"),
        ({"size_bytes": "inf"}, "size_bytes", "no number of bytes"),
        ({"images": "2.5"}, "images", "no whole number"),
        ({"images": "0"}, "images", "no number of images"),
        ({"images": "\N{ARABIC-INDIC DIGIT THREE}"}, "images", "no whole number"),
        ({"site": "North\x07"}, "site", "control characters"),
        ({"assigned_to": "x" * 201}, "assigned_to", "longer than"),
    ],
)
def test_a_bad_cell_refuses_its_row_with_the_way_out(
    tmp_path: Path, changes: dict[str, str], field: str, reason: str
) -> None:
    found, said = only_reason(tmp_path, **changes)
    assert found == field
    assert reason in said


def test_two_zones_in_one_file_are_one_order_of_time(tmp_path: Path) -> None:
    rows = [
        row(1, requested_at="2026-01-05T09:00:00+05:30"),
        row(2, requested_at="2026-01-05T01:00:00-03:00"),
        row(3, requested_at="20260105T030000Z"),
        row(4, requested_at="2026-01-05 04:15:00"),
    ]
    log, _ = take(tmp_path / "log.csv", csv_text(rows), zone="Europe/Dublin")
    start = datetime(2026, 1, 5, tzinfo=UTC).timestamp()
    assert (log.requested_s - start).tolist() == [3 * 3600, 3.5 * 3600, 4 * 3600, 4.25 * 3600]


def test_hours_that_clocks_skip_or_repeat(tmp_path: Path) -> None:
    rows = [
        row(1, requested_at="2026-03-29T00:59:59"),
        row(2, requested_at="2026-03-29T01:30:00"),
        row(3, requested_at="2026-03-29T02:00:00"),
        row(4, requested_at="2026-10-25T01:30:00"),
    ]
    log, refused = take(tmp_path / "log.csv", csv_text(rows), zone="Europe/Dublin")
    assert log.requested_s[1] - log.requested_s[0] == 1
    assert log.requested_s[2] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
    assert [one.line for one in refused] == [3]
    assert "does not exist" in refused[0].reason
    assert any("exist twice" in remark for remark in log.account.remarks)


def test_of_repeated_inspections_the_first_is_kept(tmp_path: Path) -> None:
    rows = [
        row(1, inspection_id="x", images="0"),
        row(2, inspection_id="x"),
        row(3, inspection_id="y"),
        row(4, inspection_id=" x ", requested_at="2026-01-01T00:00Z"),
        row(5, inspection_id="x"),
    ]
    log, refused = take(tmp_path / "log.csv", csv_text(rows))
    assert len(log) == 2
    assert [(one.line, one.field) for one in refused] == [
        (2, "images"),
        (5, "inspection_id"),
        (6, "inspection_id"),
    ]
    assert all("line 3," in one.reason for one in refused[1:])
    assert ("inspection_id", 2) in [(field, number) for field, _, number in log.account.reasons]


def test_a_repeat_in_another_file_names_that_file(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(csv_text([row(1)]))
    refused = io.StringIO()
    paths = [str(tmp_path / name) for name in ("one.csv", "two.csv")]
    log = collect(
        [read_csv(path) for path in paths], CODES, Rules(), Pseudonyms(KEY), RejectedRows(refused, paths)
    )
    assert len(log) == 1
    assert refused.getvalue().splitlines()[1] == (
        '2,2,inspection_id,,"repeats the inspection of line 2 of file 1, which was kept"'
    )


def test_rows_without_a_name_are_inspections_of_their_own_unless_dropped(tmp_path: Path) -> None:
    rows = [row(1, inspection_id=""), row(2, inspection_id="n/a")]
    log, _ = take(tmp_path / "log.csv", csv_text(rows))
    assert len(set(log.inspection.tolist())) == 2
    assert next(one for one in log.account.fields if one.field == "inspection_id").open == 2
    log, refused = take(tmp_path / "log.csv", csv_text(rows), missing={"inspection_id": "drop"})
    assert len(log) == 0
    assert len(refused) == 2


def test_rows_without_a_name_on_one_line_are_not_taken_for_repeats() -> None:
    rows = [RawRow("log", 1, {"requested_at": "2026-01-05T08:00Z"}) for _ in range(3)]
    log = collect([rows], CODES, Rules(), Pseudonyms(KEY), lambda one: None)
    assert len(log) == len(set(log.inspection.tolist())) == 3


def test_missing_cells_follow_the_declared_rule_and_are_counted(tmp_path: Path) -> None:
    empty = dict.fromkeys(("site", "modality", "body_part", "icd10", "priority", "size_bytes", "images"), "-")
    rows = [row(1), row(2, **empty), row(3, protocol="MR knee left", **empty)]
    rules = {
        "site": "South",
        "body_part": "drop",
        "icd10": "s83.2",
        "priority": "R",
        "size_bytes": "5e6",
        "images": "7",
        "modality": "mri",
    }
    log, refused = take(
        tmp_path / "log.csv", csv_text(rows), missing=rules, naming=Pseudonyms(KEY, frozenset({"sites"}))
    )
    assert [one.field for one in refused] == ["body_part"]
    counts = {one.field: one for one in log.account.fields}
    assert counts["body_part"].derived == 1
    for field in ("site", "modality", "icd10", "priority", "size_bytes", "images"):
        assert (counts[field].log, counts[field].constant) == (1, 1), field
    pattern = log.patterns[log.pattern[1]]
    assert (pattern.modality, pattern.body_part, pattern.icd10) == ("MR", "Knee", "S83")
    assert (log.sites[log.site[1]], log.size_bytes[1], log.images[1]) == ("South", 5e6, 7)
    assert log.priority[1] == LEVELS.index("routine")


def test_what_is_missing_stays_open_by_default(tmp_path: Path) -> None:
    log, refused = take(tmp_path / "log.csv", "requested_at\n2026-01-05T08:00Z\n")
    assert refused == []
    assert (log.site[0], log.priority[0], log.images[0], log.assigned[0]) == (-1, -1, 0, -1)
    (pattern,) = log.patterns
    assert sum(pattern.probability) == pytest.approx(1)
    assert {kind.modality for kind in pattern.kinds} == {modality for modality, _ in CODES.protocols}
    assert {one.field: one.open for one in log.account.fields}["modality"] == 1


def test_unknown_codes_may_count_as_missing_and_then_are_counted_as_unknown(tmp_path: Path) -> None:
    rows = [row(1, icd10="Z99"), row(2, priority="soon"), row(3)]
    log, refused = take(tmp_path / "log.csv", csv_text(rows), lenient=frozenset({"icd10", "priority"}))
    assert refused == []
    counts = {one.field: one for one in log.account.fields}
    assert (counts["icd10"].unknown, counts["priority"].unknown, counts["icd10"].open) == (1, 1, 0)


def test_fields_set_aside_are_neither_read_nor_held_against_the_row(tmp_path: Path) -> None:
    rows = [row(1, size_bytes="nonsense", modality="??", priority="?!", site="x\x07")]
    aside = frozenset({"size_bytes", "modality", "priority", "site"})
    log, refused = take(tmp_path / "log.csv", csv_text(rows), sampled=aside)
    assert refused == []
    assert np.isnan(log.size_bytes[0])
    assert log.patterns[0].modality == ""
    assert log.patterns[0].body_part == "Brain"
    assert {one.field for one in log.account.fields if one.aside == 1} == aside


@pytest.mark.parametrize(
    ("modality", "word", "part"),
    [("ct", "HEAD", "Brain"), ("MRI", "c-spine", "Spine"), ("CR", "thorax", "Thorax"), ("CT", "ABD", None)],
)
def test_words_of_the_tables_are_body_parts(
    tmp_path: Path, modality: str, word: str, part: str | None
) -> None:
    expected = part or CODES.body_part_from_dicom(word)
    log, refused = take(tmp_path / "log.csv", csv_text([row(1, modality=modality, body_part=word, icd10="")]))
    assert [one.body_part for one in log.patterns] == ([expected] if expected else [])
    assert len(refused) == (0 if expected else 1)


def test_without_a_patient_every_inspection_moves_by_its_own_weeks(tmp_path: Path) -> None:
    rows = [row(n, requested_at=f"2026-03-{n:02d}T09:30Z") for n in range(1, 29)]
    plain, _ = take(tmp_path / "log.csv", csv_text(rows))
    moved, _ = take(tmp_path / "log.csv", csv_text(rows), shift_weeks=30)
    before = dict(zip(plain.inspection.tolist(), plain.requested_s.tolist(), strict=True))
    after = dict(zip(moved.inspection.tolist(), moved.requested_s.tolist(), strict=True))
    assert len({after[one] - before[one] for one in before}) > 2


def test_dates_of_a_patient_move_together_by_weeks_and_keep_weekday_and_hour(tmp_path: Path) -> None:
    zone = ZoneInfo("Europe/Dublin")
    rows = [
        row(
            n,
            patient_id=f"p{n % 3}",
            requested_at=f"2026-03-{n:02d}T09:30",
            reported_at=f"2026-03-{n:02d}T11:00",
        )
        for n in range(1, 29)
    ]
    plain, _ = take(tmp_path / "log.csv", csv_text(rows), zone="Europe/Dublin")
    moved, _ = take(tmp_path / "log.csv", csv_text(rows), zone="Europe/Dublin", shift_weeks=30)
    before = dict(zip(plain.inspection.tolist(), plain.requested_s.tolist(), strict=True))
    weeks: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    naming = Pseudonyms(KEY)
    patient = {naming.inspection(f"A{n}"): n % 3 for n in range(1, 29)}
    for inspection, requested in zip(moved.inspection.tolist(), moved.requested_s.tolist(), strict=True):
        old = datetime.fromtimestamp(before[inspection], zone)
        new = datetime.fromtimestamp(requested, zone)
        assert (new.hour, new.minute, new.weekday()) == (9, 30, old.weekday())
        weeks[patient[inspection]].add((new.date() - old.date()).days % 28)
    assert all(len(days) == 1 and days != {0} for days in weeks.values())
    assert {datetime.fromtimestamp(one, zone).month for one in moved.requested_s} == {3}
    assert np.all(moved.reported_s - moved.requested_s == 5400)
    assert any("around the weeks of the log" in remark for remark in moved.account.remarks)


@pytest.mark.parametrize(("days", "most_weeks"), [(14, 1), (17, 5), (31, 2), (90, 4), (90, 200)])
def test_a_shifted_log_is_as_full_on_every_day_as_it_was(days: int, most_weeks: int, tmp_path: Path) -> None:
    """Each patient has a request on every day, so whatever moves must be made up for by another."""
    zone = ZoneInfo("Europe/Dublin")
    first = datetime(2026, 3, 4, 23, 15)
    rows = [
        row(number, inspection_id=f"A{number}", patient_id=f"p{number % 40}", requested_at=at.isoformat())
        for number, at in enumerate(first + timedelta(days=n // 40) for n in range(40 * days))
    ]
    plain, _ = take(tmp_path / "log.csv", csv_text(rows), zone=zone.key)
    moved, refused = take(tmp_path / "log.csv", csv_text(rows), zone=zone.key, shift_weeks=most_weeks)
    assert not refused
    before = dict(zip(plain.inspection.tolist(), plain.requested_s.tolist(), strict=True))
    count: dict[date, int] = {}
    for inspection, requested in zip(moved.inspection.tolist(), moved.requested_s.tolist(), strict=True):
        old, new = (datetime.fromtimestamp(one, zone) for one in (before[inspection], requested))
        assert (new.hour, new.minute, new.weekday()) == (23, 15, old.weekday())
        assert new != old
        count[new.date()] = count.get(new.date(), 0) + 1
    assert sorted(count) == [first.date() + timedelta(days=n) for n in range(days)]
    assert set(count.values()) == {40}


def test_a_log_of_under_two_weeks_moves_out_of_itself_and_says_so(tmp_path: Path) -> None:
    rows = [row(n, patient_id=f"p{n}") for n in range(1, 30)]
    plain, _ = take(tmp_path / "log.csv", csv_text(rows))
    moved, _ = take(tmp_path / "log.csv", csv_text(rows), shift_weeks=3)
    assert any("small part of its load" in remark for remark in moved.account.remarks)
    assert not set(moved.requested_s // 86_400) & set(plain.requested_s // 86_400)


def test_a_column_of_ever_new_names_cannot_fill_the_memory(tmp_path: Path) -> None:
    text = csv_text(
        [row(n, assigned_to=f"patient {n}", requested_at="2026-01-05T08:00Z") for n in range(10_050)]
    )
    log, refused = take(tmp_path / "log.csv", text)
    assert (len(log), len(refused)) == (10_000, 50)
    assert "more than 10,000" in refused[0].reason


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"zone": "Europe/Dublni"}, "zone 'Europe/Dublni' is unknown"),
        ({"zone": "../../etc/passwd"}, "is unknown"),
        ({"missing": {"sitee": "x"}}, "did you mean 'site'"),
        ({"missing": {"requested_at": "2026"}}, "no field 'requested_at'"),
        ({"missing": {"opened_at": "sample"}}, "never made up"),
        ({"missing": {"modality": "XX"}}, "constant 'XX' for modality"),
        ({"missing": {"images": "many"}}, "constant 'many' for images"),
        ({"missing": {"priority": "soon"}}, "constant 'soon'"),
        ({"missing": {"site": "null"}}, "says that there is no value"),
        ({"lenient": frozenset({"site"})}, "lenient"),
        ({"sampled": frozenset({"requested_at"})}, "sampled"),
        ({"shift_weeks": -1}, "shift_weeks is -1"),
    ],
)
def test_rules_that_cannot_be_followed_are_refused(
    tmp_path: Path, rules: dict[str, object], message: str
) -> None:
    with pytest.raises(LogError, match=message):
        take(tmp_path / "log.csv", csv_text([row(1)]), **rules)


def test_an_empty_log_is_a_log(tmp_path: Path) -> None:
    log, refused = take(tmp_path / "log.csv", "requested_at,site\n")
    assert (len(log), refused, log.patterns, log.sites) == (0, [], (), ())
    assert standard(log).count("\n") == 1
    assert "EventLog(0 inspections" in repr(log)
    assert log.summary()[0] == "0 rows read: 0 accepted, 0 rejected"


def test_what_was_understood_is_said_in_words(tmp_path: Path) -> None:
    log, _ = take(tmp_path / "log.csv", csv_text([row(1), row(2, images=""), row(3, images="x")]))
    said = "\n".join(log.summary())
    assert "3 rows read: 2 accepted, 1 rejected" in said
    assert "rejected: 1 x images is no whole number" in said
    assert "images: 1 from the log, 1 missing: to be sampled" in said
    assert "requested from 2026-01-05 08:01 UTC to 2026-01-05 08:02 UTC" in said


def test_the_digest_covers_what_is_drawn_and_nothing_else(tmp_path: Path) -> None:
    def digest(**changes: str) -> str:
        return take(tmp_path / "log.csv", csv_text([row(1, **changes)]))[0].digest()

    plain = digest()
    assert digest(assigned_to="Dr Black", reported_at="2026-01-06T00:00Z") == plain
    moving = {
        "inspection_id": "B",
        "requested_at": "2026-01-05T08:02Z",
        "modality": "MR",
        "body_part": "Thorax",
        "icd10": "",
        "priority": "r",
        "size_bytes": "1",
        "images": "",
        "site": "",
    }
    assert len({plain, *(digest(**{field: value}) for field, value in moving.items())}) == 1 + len(moving)
    # Which of two rows has which site, pattern, priority: the names are the same, the columns are not.
    for field, value in {"site": "South", "icd10": "I63", "priority": "r"}.items():
        either = [csv_text([row(1, **{field: value}), row(2)]), csv_text([row(1), row(2, **{field: value})])]
        assert len({take(tmp_path / "log.csv", text)[0].digest() for text in either}) == 2


def test_five_million_rows_would_take_less_than_a_gigabyte(tmp_path: Path) -> None:
    """Memory grows with the rows by less than 160 bytes each: 0.8 GB for 5 million."""
    peaks = [_peak(tmp_path, rows) for rows in (5_000, 25_000)]
    assert (peaks[1] - peaks[0]) / 20_000 < 160


def _peak(tmp_path: Path, rows: int) -> int:
    path = tmp_path / "log.csv"
    with path.open("w") as stream:
        stream.write("inspection_id,requested_at,site,modality,body_part,icd10,size_bytes,assigned_to\n")
        for n in range(rows):
            at = f"2026-01-{1 + n % 28:02d}T{n % 24:02d}:{n % 60:02d}:00Z"
            stream.write(f"ACC{n},{at},Site {n % 50},CT,Brain,I61,{10**8 + n},Dr {n % 90}\n")
    tracemalloc.start()
    log = collect([read_csv(path)], CODES, Rules(), Pseudonyms(KEY), lambda one: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(log) == rows
    return peak
