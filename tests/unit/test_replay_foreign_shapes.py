"""A corpus of logs as other systems write them: each row is read or refused at its own line, none is lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.experiments.replaying.mapping import read_mapping
from simgrid.experiments.replaying.time_forms import as_iso, form_problem
from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.rows import RawRow
from tests.replay_logs import take

HEAD = "inspection_id,requested_at,site,size_bytes\n"
ROWS = tuple(f"a{n},2026-01-05T08:0{n}:00Z,North,100{n}\n" for n in range(4))
PLAIN = HEAD + "".join(ROWS)


def times(*texts: str) -> str:
    return "inspection_id;requested_at\n" + "".join(f"t{n};{text}\n" for n, text in enumerate(texts))


CORPUS: dict[str, tuple[str | bytes, int, dict[int, str]]] = {
    # what the file holds, how many rows are accepted, and the lines refused with a word of the reason
    "as we like it": (PLAIN, 4, {}),
    "line ends mixed": (
        HEAD.replace("\n", "\r\n") + ROWS[0] + ROWS[1].replace("\n", "\r\n") + ROWS[2],
        3,
        {},
    ),
    "no end of the last line": (PLAIN.rstrip("\n"), 4, {}),
    "lines that end with a carriage return": (
        HEAD + ROWS[0].replace("\n", "\r") + ROWS[1] + ROWS[2],
        1,
        {2: "bare carriage return"},
    ),
    "the header again": (HEAD + ROWS[0] + HEAD + ROWS[1], 2, {3: "repeats the header"}),
    "files joined, marks and all": (
        f"\ufeff{HEAD}{ROWS[0]}\ufeff{HEAD}\ufeff{ROWS[1]}{ROWS[0]}",
        2,
        {3: "repeats the header", 5: "repeats the inspection of line 2"},
    ),
    "a header in other letters": (
        PLAIN.replace(HEAD, ' Inspection ID ,"REQUESTED-AT",Site , Size_Bytes\n'),
        4,
        {},
    ),
    "semicolons": (PLAIN.replace(",", ";"), 4, {}),
    "tabs": (PLAIN.replace(",", "\t"), 4, {}),
    "bars": (PLAIN.replace(",", "|"), 4, {}),
    "a spreadsheet's own first line": ("sep=;\r\n" + PLAIN.replace(",", ";"), 4, {}),
    "a delimiter at every end": (PLAIN.replace("\n", ",\n"), 4, {}),
    "decimal commas": (PLAIN.replace(",", ";").replace("1001", "1001,5"), 3, {3: "no number of bytes"}),
    "line breaks in quotes": (
        HEAD + 'a0,2026-01-05T08:00Z,"North\r\nwing",1\r\n' + ROWS[1] + '"a\n2",2026-01-05T08:00Z,South,1\n',
        2,
        {2: "control characters"},
    ),
    "quotes by backslash": (
        HEAD + 'a0,2026-01-05T08:00Z,"St. \\"Mary\\"",1\n' + ROWS[1],
        1,
        {2: "quotation marks do not match"},
    ),
    "NUL characters": (HEAD + ROWS[0] + ROWS[1].replace("North", "No\0rth") + ROWS[2], 2, {3: "NUL"}),
    "the end of a file of old": (PLAIN + "\x1a", 4, {6: "fewer cells"}),
    "a sum at the end": (PLAIN + "Total,,,4006\n", 4, {6: "is missing"}),
    "a remark at the end": (PLAIN + "(4 rows affected)\n", 4, {6: "fewer cells"}),
    "Latin-1 in a file of UTF-8": (
        (HEAD + ROWS[0].replace("North", "Nörd")).encode()
        + ROWS[1].replace("North", "Nörd").encode("latin-1"),
        2,
        {},
    ),
    "signs that are no blanks": (
        HEAD + ROWS[0].replace("2026", "\u00a02026").replace("1000", "\u00a01000\u202f"),
        1,
        {},
    ),
    "thousands parted": (
        HEAD
        + ROWS[0].replace("1000", '"187,000,000"')
        + ROWS[1].replace("1001", "187.000.000")
        + ROWS[2].replace("1002", "187 000 000")
        + ROWS[3].replace("1003", "187'000"),
        0,
        dict.fromkeys((2, 3, 4, 5), "write digits only"),
    ),
    "digits of other scripts": (
        HEAD + ROWS[0].replace("1000", "١٠٠٠") + ROWS[1].replace("2026", "٢٠٢٦"),
        0,
        {2: "write digits only", 3: "no ISO 8601 time"},
    ),
    "words for nothing": (HEAD + ROWS[0].replace("North", "\\N").replace("1000", "NULL"), 1, {}),
    "times in other forms": (
        times(
            *("05/01/2026 08:05", "5.1.2026 8:05", "1/5/26 8:05 AM", "46027.3368", "2026-1-5 8:05"),
            *("2026-01-05 08:05 PM", "1767600000", "08:05", "Jan 5 2026 08:05", "2026-02-30 08:05"),
        ),
        0,
        dict.fromkeys(range(2, 12), "no ISO 8601 time"),
    ),
    "times in other forms of ISO": (
        times("20260105T080500Z", "2026-W02-1T08:00Z", "2026-01-05 08:05:00.1234567+01:00", "2026-01-05T08Z"),
        4,
        {},
    ),
    "a date alone": (times("2026-01-05"), 0, {2: "no time of day"}),
    "never": (times("0001-01-01T00:00Z", "9999-12-31T23:59Z"), 0, dict.fromkeys((2, 3), "no year between")),
    "two zones, and an hour that is skipped": (
        times("2026-03-29 00:30", "2026-03-29T03:30+02:00", "2026-03-29 01:30"),
        2,
        {4: "does not exist"},
    ),
    "a header alone": (HEAD, 0, {}),
}


@pytest.mark.parametrize("name", CORPUS)
def test_every_row_is_read_or_refused_at_its_line(name: str, tmp_path: Path) -> None:
    content, accepted, refusals = CORPUS[name]
    log, refused = take(tmp_path / "log.csv", content, zone="Europe/Dublin")
    assert len(log) == accepted
    assert [one.line for one in refused] == sorted(refusals)
    for one in refused:
        assert refusals[one.line] in one.reason


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\r\n\r\n",
        "\ufeff",
        PLAIN.replace("site", "inspection_id"),
        PLAIN.replace("site", "Requested at"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-be"),
        PLAIN.encode("utf-32"),
        PLAIN.replace("\n", "\r"),
        ROWS[0],
    ],
)
def test_a_file_without_a_usable_header_is_an_error_that_quotes_no_row(
    content: str | bytes, tmp_path: Path
) -> None:
    with pytest.raises(LogError) as caught:
        take(tmp_path / "log.csv", content)
    assert "North" not in str(caught.value)


PIECES = (
    ("a{n},2026-01-05T08:00:00Z,North,10\n", 1, True),
    ("b{n},2026-01-05 09:00:00+01:00,South,\r\n", 1, True),
    ('c{n},2026-01-05T08:00:00Z,"North, ""main""",10\n', 1, True),
    ('d{n},2026-01-05T08:00:00Z,"North\nwing",10\n', 2, True),
    ("e{n},5.1.2026 8:00,North,10\n", 1, True),
    ('f{n},2026-01-05T08:00:00Z,North,"1,000"\n', 1, True),
    ("g{n},2026-01-05T08:00:00Z,N\0rth,10\n", 1, True),
    ("h{n},2026-01-05T08:00:00Z,N\xf6rd,10\n", 1, True),
    ("i{n},2026-01-05T08:00:00Z\n", 1, True),
    ("j{n},2026-01-05T08:00:00Z,North,10,,\n", 1, True),
    ("k{n},2026-01-05T08:00:00Z,North,10,more\n", 1, True),
    ("l{n},2026-01-05T08:00:00Z,North\rwing,10\n", 1, True),
    ("a0,2026-01-05T08:00:00Z,North,10\n", 1, True),
    (HEAD, 1, True),
    ("\n", 1, False),
    ("   \r\n", 1, False),
    (",,,\n", 1, False),
)
"""What a line may look like, of how many lines of text it is, and whether it is a row at all."""


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=25),
    delimiter=st.sampled_from(",;\t|"),
    mark=st.booleans(),
    ended=st.booleans(),
)
def test_any_mixture_of_habits_is_accounted_for_line_by_line(
    pieces: list[tuple[str, int, bool]], delimiter: str, mark: bool, ended: bool
) -> None:
    text, line, expected = HEAD, 2, []
    for number, (piece, lines, is_row) in enumerate(pieces):
        text += piece.format(n=number)
        expected += [line] if is_row else []
        line += lines
    if not ended and pieces:
        text = text.rstrip("\r\n")
    text = text.replace('"North, ""main"""', '"North; main"').replace('"1,000"', "1 000")
    raw = text.replace(",", delimiter).encode("latin-1")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        log, refused = take(path, b"\xef\xbb\xbf" * mark + raw, zone="Europe/Dublin")
        assert log.account.read == len(expected)
        assert {one.line for one in refused} <= set(expected)
        assert len({one.line for one in refused}) == len(refused)


@pytest.mark.parametrize(
    ("form", "text", "iso"),
    [
        ("%d.%m.%Y %H:%M", "5.1.2026 8:05", "2026-01-05T08:05:00"),
        ("%d/%m/%Y %H:%M", " 05/01/2026 08:05 ", "2026-01-05T08:05:00"),
        ("%m/%d/%y %I:%M %p", "1/5/26 8:05 PM", "2026-01-05T20:05:00"),
        ("%Y%m%d%H%M%S%z", "20260105080500+0100", "2026-01-05T08:05:00+01:00"),
        ("excel", "46027.3368055556", "2026-01-05T08:05:00"),
        ("excel", "46027", "2026-01-05T00:00:00"),
        ("%d.%m.%Y %H:%M", "2026-01-05T08:05", "2026-01-05T08:05"),
        ("%d.%m.%Y %H:%M", "30.2.2026 8:05", "30.2.2026 8:05"),
        ("excel", "soon", "soon"),
    ],
)
def test_declared_forms_of_times_are_read(form: str, text: str, iso: str) -> None:
    assert form_problem(form) is None
    assert as_iso(text, (form,)) == iso


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%H:%M", "%d.%m. %H:%M", "%d.%m.%Y %I:%M", "iso", "%d %", ""])
def test_a_form_that_leaves_out_a_part_is_refused(form: str) -> None:
    assert "does not tell" in str(form_problem(form))


def test_names_of_zones_are_no_part_of_a_form() -> None:
    assert "--zone" in str(form_problem("%d.%m.%Y %H:%M %Z"))
    assert form_problem("%%Z %d.%m.%Y %H:%M") is None


@given(
    when=st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1)),
    form=st.sampled_from(("%d.%m.%Y %H:%M:%S.%f", "%m/%d/%Y %I:%M:%S.%f %p")),
)
@settings(max_examples=50, deadline=None)
def test_a_time_in_a_declared_form_keeps_its_instant(when: datetime, form: str) -> None:
    assert datetime.fromisoformat(as_iso(when.strftime(form), ("%Y-%m-%d %H:%M", form))) == when


def test_forms_stand_in_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("columns: {Ordered: requested_at}\ntimes: [excel, '%d.%m.%Y %H:%M']\n")
    row = RawRow("log", 2, {"requested_at": "5.1.2026 8:05", "site": "46027"})
    (reworded,) = read_mapping(path).reworded([row])
    assert isinstance(reworded, RawRow)
    assert dict(reworded.fields) == {"requested_at": "2026-01-05T08:05:00", "site": "46027"}
    path.write_text("times: ['%d.%m.%Y', 5]\n")
    with pytest.raises(LogError) as caught:
        read_mapping(path)
    assert len(caught.value.problems) == 2
