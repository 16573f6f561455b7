"""The ledger of a report: every value once, and a source for one site beside the one for all."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from pathlib import Path

from simgrid.presentation.board.given import Given
from simgrid.presentation.board.ledger import ledger_section
from simgrid.scenario import load

SCENARIO = """
extends: planning/region
uncertain: {demand.scale: {interval: [0.9, 1.1]}}
sources:
  sites.ashford.demand.CT: {stated: "counted there"}
"""


def ledger(tmp_path: Path, *folders: str) -> str:
    file = tmp_path / "mine.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    given = Given((), None, load(file, warned=False), None, None, ())
    given = replace(given, folders=tuple(tmp_path / name for name in folders))
    return unescape("".join(one.source for one in ledger_section(given)))


def test_a_source_for_one_site_is_named_beside_the_line_for_all(tmp_path: Path) -> None:
    text = ledger(tmp_path, "a")
    assert "but for sites.ashford.demand.CT: see there" in text
    assert "counted there" in text


def test_an_uncertain_value_that_is_not_written_stands_once(tmp_path: Path) -> None:
    assert ledger(tmp_path, "a").count("each replication draws it anew") == 1


def test_of_several_folders_it_is_said_whose_values_these_are(tmp_path: Path) -> None:
    assert "Told of a, the first folder" in ledger(tmp_path, "a", "b")
    assert "the first folder" not in ledger(tmp_path, "a")
