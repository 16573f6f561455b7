"""The page on the smaller parts has the tables that the evaluation kept, and pictures of the same run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simgrid.quality.explanation.heat import PLACED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/image-parts.md").read_text(encoding="utf-8")
KEPT = (ROOT / "results/quality/parts.md").read_text(encoding="utf-8")
SECTIONS = {
    name.lower(): table.strip()
    for name, table in re.findall(r"## (\w+)\n\n(.*?)(?=\n## |\Z)", KEPT, re.DOTALL)
}


@pytest.mark.parametrize("name", ["segmentation", "denoiser", "anomaly", "explanation"])
def test_its_tables_are_those_of_the_evaluation(name: str) -> None:
    mark = "organs" if name == "segmentation" else name
    (shown,) = re.findall(rf"<!-- {mark} -->(.*?)<!-- /{mark} -->", PAGE, re.DOTALL)
    assert shown.strip() == SECTIONS[name]


@pytest.mark.parametrize("name", ["segmentation", "denoiser", "anomaly", "explanation"])
def test_its_pictures_are_those_of_the_evaluation(name: str) -> None:
    picture = f"part-{name}.png"
    assert (ROOT / "docs/images" / picture).read_bytes() == (ROOT / "results/quality" / picture).read_bytes()


def test_every_interval_in_its_sentences_is_in_a_table() -> None:
    tables = " ".join(SECTIONS.values())
    prose = re.sub(r"(?m)^\|.*$", "", PAGE)
    told = re.findall(r"(\d\.\d{3}) \[(\d\.\d{3}), (\d\.\d{3})\]", prose)
    assert len(told) >= 6
    for mean, low, high in told:
        assert f"{mean} [{low}, {high}]" in tables, f"{mean} [{low}, {high}]"


def test_only_heat_that_was_shown_to_tell_the_place_is_said_to() -> None:
    found = re.findall(
        r"test sources: (\w+) \| heat difference \| network - control \| \S+ \[(\S+), \S+\]", KEPT
    )
    assert len(found) == 3
    assert {name for name, low in found if float(low) > 0} == PLACED
