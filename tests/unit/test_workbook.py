"""A workbook written by one library and opened by another: text stays text, numbers stay numbers."""

from __future__ import annotations

import io
import math
import zipfile

import openpyxl
import pytest

from simgrid.presentation.workbook import MOST_ROWS, Sheet, Value, workbook


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def one_cell(value: Value) -> openpyxl.cell.Cell:
    return opened(workbook("t", [Sheet("s", ("a",), [(value,)])]))["s"]["A2"]


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "{=1}",
        "\t=1",
        "https://x.example/",
        "12",
        "_x0041_",
    ],
)
def test_no_name_is_a_formula_a_link_or_a_number(name: str) -> None:
    cell = one_cell(name)
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)
    if name.lstrip()[0] in "=+-@":
        assert cell.quotePrefix  # it stays text when somebody edits the cell


@pytest.mark.parametrize("number", [0.1 + 0.2, -1e-300, 12345678901.5, 0.9996, 7, 0])
def test_numbers_are_numbers_to_their_last_digit_and_never_rounded_by_a_format(number: float) -> None:
    cell = one_cell(number)
    assert cell.value == pytest.approx(number, rel=1e-15)
    assert (cell.data_type, cell.number_format) == ("n", "General")


def test_what_is_no_number_is_said_or_left_empty() -> None:
    assert one_cell(math.nan).value is None
    assert one_cell(None).value is None
    assert one_cell(math.inf).value == "infinite"
    assert one_cell(-math.inf).value == "minus infinite"
    assert one_cell("half \ud800 a character").value == "half ? a character"
    assert len(str(one_cell("x" * 40_000).value)) < 32_767


def test_the_headings_stay_in_view_and_empty_sheets_say_why() -> None:
    book = opened(
        workbook(
            "A title",
            [Sheet("one", ("name", "mean (min)"), [("a", 1.5)]), Sheet("two", ("x",), [], "nothing")],
        )
    )
    assert book.sheetnames == ["one", "two"]
    assert book["one"].freeze_panes == "A2"
    assert [cell.value for cell in book["one"][1]] == ["name", "mean (min)"]
    assert book["two"]["A2"].value == "nothing"
    assert book.properties.title == "A title"


def test_of_too_many_rows_the_rest_is_counted() -> None:
    book = opened(workbook("t", [Sheet("s", ("a",), [(number,) for number in range(MOST_ROWS + 5)])]))
    assert book["s"].max_row == MOST_ROWS + 2
    assert (
        book["s"].cell(MOST_ROWS + 2, 1).value == "and 5 more rows: see the CSV files of the results folder"
    )


def test_the_same_tables_are_the_same_bytes_whenever_they_are_written() -> None:
    sheets = [Sheet("s", ("a", "b"), [("=x", 1.5), ("y", math.nan)])]
    content = workbook("t", sheets)
    assert workbook("t", sheets) == content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {one.date_time for one in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in parts.read("docProps/core.xml")
        assert not any(b"<f>" in parts.read(one) for one in parts.namelist())
