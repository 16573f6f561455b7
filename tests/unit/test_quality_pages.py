"""The bot's pages: inert, complete, small, and with pictures that are in them."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image as Pillow

from simgrid.dicom.finding import Finding
from simgrid.presentation.html.elements import element
from simgrid.presentation.html.pictures import picture, png
from simgrid.presentation.quality_pages import ROWS_A_PAGE, file_page, index_pages
from simgrid.quality.bot.seams import FileReport, IndexRow, Picture
from simgrid.quality.check import Checked
from simgrid.quality.opinion import UNJUDGED, Likelihood
from tests.unit.test_html_page import HOSTILE, seen

GRAY = np.arange(12 * 20, dtype=np.uint8).reshape(12, 20)


def report(text: str) -> str:
    findings = (
        Finding("a-rule", "(0008,0018)", text, "note", "a note"),
        Finding("b-rule", "", "frame 1", "error", text),
    )
    defects = {**UNJUDGED, "noise": Likelihood(0.25, 0.5), "blur": Likelihood(0.75, 0.125)}
    checked = Checked(text, "judged", text, "repeat", defects, findings)
    return file_page(FileReport(checked, [("judge", text)], [Picture(GRAY, text)]))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_text(text: str) -> None:
    found, harmless = seen(report(text)), seen(report("name"))
    assert found.tags == harmless.tags
    assert [key for key, _ in found.attributes] == [key for key, _ in harmless.attributes]


def test_a_file_page_tells_everything_worst_first() -> None:
    text = report("name")
    assert text.index(">blur<") < text.index(">noise<")
    assert "ring" not in text  # nobody has judged it
    assert text.index(">error<") < text.index(">note<")
    assert "Take it again" in text
    assert "img-src data:;" in text
    assert "script-src" not in text


def test_a_picture_comes_back_from_the_page() -> None:
    (data,) = re.findall(r"data:image/png;base64,([^\"]+)", report("name"))
    back = np.asarray(Pillow.open(io.BytesIO(base64.b64decode(data))))
    assert np.array_equal(back, GRAY)
    colours = np.stack([GRAY, GRAY // 2, GRAY], axis=-1)
    assert np.array_equal(np.asarray(Pillow.open(io.BytesIO(png(colours)))), colours)


def test_only_a_picture_of_ours_goes_in() -> None:
    for wrong in (
        GRAY.astype(np.float32),
        GRAY[:0],
        np.zeros((2, 2000), np.uint8),
        np.zeros((3, 3, 2), np.uint8),
    ):
        with pytest.raises(ValueError, match="a side"):
            png(wrong)
    with pytest.raises(ValueError, match="PNG"):
        picture(b"<svg onload=alert(1)>", "x")


def row(number: int, verdict: str = "accept", status: str = "judged") -> IndexRow:
    name = f"{number:016x}"
    return IndexRow(name, f"filed/{verdict}/{name}", status, "", verdict, "noise 0.25", 2, png(GRAY))


def test_the_overview_begins_with_what_needs_a_person_and_leads_to_every_file() -> None:
    rows = [row(1), row(2, "reject"), row(3, "abstain", "listed"), row(4, "repeat")]
    text = index_pages(rows)["index.html"]
    places = [text.index(f"{number:016x}") for number in (2, 4, 1, 3)]
    assert places == sorted(places)
    assert "4 files: 1 reject, 1 repeat, 1 accept, 1 listed." in text
    assert 'href="filed/reject/0000000000000002/report.html"' in text


def test_a_long_overview_is_several_pages_that_lead_to_each_other() -> None:
    pages = index_pages([row(number) for number in range(2 * ROWS_A_PAGE + 1)])
    assert list(pages) == ["index.html", "index-2.html", "index-3.html"]
    assert all(len(text) < 1_000_000 for text in pages.values())
    assert 'href="index-3.html"' in pages["index.html"]
    assert index_pages([])["index.html"].count("0 files") == 1


@pytest.mark.parametrize(
    "address", ["../x.html", "/x.html", "https://x/y.html", "javascript:x.html", "x.svg", "a//b.html"]
)
def test_a_link_leads_to_a_page_below(address: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        element("a", "x", href=address)
    assert "filed/accept/0a/report.html" in element("a", "x", href="filed/accept/0a/report.html").source
