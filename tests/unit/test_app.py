"""The editor's page, run without a browser: values and text follow each other, and what is wrong is said."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from simgrid.app.opening import NotHere, named, offered, opened
from simgrid.app.wording import plain
from simgrid.cli.main import cli

PAGE = Path(__file__).parents[2] / "simgrid" / "app" / "page.py"
MINE = """# our evenings
extends: tiny/one-unit
title: "Mine"   # a comment
policies: [rwoa, manual]
radiologists: {ada: {hours: "daily 08:00-20:00"}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with one scenario in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(MINE)
    return tmp_path


def visit(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> AppTest:
    monkeypatch.setattr(sys, "argv", ["page.py", *arguments])
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    return page


def test_a_value_is_written_into_the_text_and_the_text_into_the_values(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(monkeypatch, "mine.yaml")
    assert page.text_area(key="text").value == MINE
    page.number_input(key="dial:radiologists.ada.count").set_value(3).run()
    page.text_input(key="dial:units.desk.link.bandwidth").set_value("50 Mbit/s").run()
    text = page.text_area(key="text").value
    assert 'title: "Mine"   # a comment\n' in text
    assert "radiologists: {ada: {count: 3, hours:" in text
    assert text.endswith("units: {desk: {link: {bandwidth: 50 Mbit/s}}}\n")
    page.text_area(key="text").set_value(text.replace("count: 3", "count: 2")).run()
    assert page.number_input(key="dial:radiologists.ada.count").value == 2
    assert not page.exception
    (said,) = (one.value for one in page.success)
    counted = CliRunner().invoke(cli, ["validate", "mine.yaml"]).stdout.partition("ok: ")[2].partition(",")[0]
    assert "replications = " in counted
    assert said == f"The scenario is valid: {counted}"
    assert (folder / "mine.yaml").read_text() == MINE


def test_what_is_wrong_is_told_as_validate_does_and_nothing_can_be_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(monkeypatch, "mine.yaml")
    assert not page.button[0].disabled
    page.text_input(key="dial:units.desk.link.bandwidth").set_value("8 mbit/s").run()
    told = "\n".join(one.value for one in page.code)
    (folder / "wrong.yaml").write_text(page.text_area(key="text").value)
    by_validate = CliRunner().invoke(cli, ["validate", "wrong.yaml"]).stderr
    assert told.replace("mine.yaml", "wrong.yaml").strip() in by_validate
    assert "did you mean '8 Mbit/s'?" in told
    assert page.button[0].disabled


def test_a_run_ends_in_the_results_that_the_command_line_gives(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(monkeypatch, "mine.yaml")
    page.button[0].click().run()
    job = page.session_state["job"]
    for _ in range(300):
        if not job.running:
            break
        time.sleep(0.1)
    assert job.error == ""
    page.run()
    assert not page.exception
    assert any("Mine" in one.value and "rwoa" in one.value for one in page.code)
    done = CliRunner().invoke(cli, ["run", "mine.yaml", "-o", "other", "-j", "1"])
    theirs = Path(done.stdout.splitlines()[-1])
    assert theirs.name == job.folder.name
    for name in ("summary.csv", "comparisons.csv", "scenario.yaml", "comparison.md"):
        assert (job.folder / name).read_bytes() == (theirs / name).read_bytes(), name
    page.text_area(key="text").set_value(MINE + "seed: 4\n").run()
    assert any("changed since" in one.value for one in page.warning)


@pytest.mark.parametrize(
    "text", ["extends: ../secret.yaml\n", "extends: tiny/one-unit\nincidents: ../secret.csv\n"]
)
def test_a_text_opens_no_file_outside_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    for ending in ("yaml", "csv"):
        (folder.parent / f"secret.{ending}").write_text("password: 1234\n")
    page = visit(monkeypatch, "mine.yaml")
    page.text_area(key="text").set_value(text).run()
    shown = "\n".join(str(one.value) for one in (*page.code, *page.error, *page.warning, *page.markdown))
    assert "outside the working folder" in shown
    assert "1234" not in shown
    assert page.button[0].disabled


def test_only_files_of_the_folder_and_shipped_ones_are_offered(folder: Path) -> None:
    (folder.parent / "secret.yaml").write_text("a: 1\n")
    (folder / "link.yaml").symlink_to(folder.parent / "secret.yaml")
    (folder / ".hidden.yaml").write_text("a: 1\n")
    (folder / "results").mkdir()
    (folder / "results" / "scenario.yaml").write_text("a: 1\n")
    (folder / "below").mkdir()
    (folder / "below" / "b.yml").write_text("a: 1\n")
    names = offered(folder, None)
    assert [one for one in names if not one.startswith("shipped: ")] == ["below/b.yml", "mine.yaml"]
    assert "shipped: paper/table-1" in names
    assert named("paper/table-1", folder) == "shipped: paper/table-1"
    for name in ("../secret.yaml", "link.yaml", str(folder.parent / "secret.yaml"), "/etc/passwd"):
        with pytest.raises(NotHere):
            named(name, folder)
        with pytest.raises(NotHere):
            opened(name, folder)


@pytest.mark.parametrize("name", ["../outside.yaml", "nowhere.yaml", "tiny/one-unlt"])
def test_the_command_refuses_what_the_page_would_not_open(folder: Path, name: str) -> None:
    (folder.parent / "outside.yaml").write_text("a: 1\n")
    done = CliRunner().invoke(cli, ["app", name])
    assert done.exit_code == 2
    assert name in done.stderr


def test_words_of_a_scenario_are_no_markdown() -> None:
    hostile = "![x](http://evil.example/p.png) [a](b) :red[x] $y$ `z` *w* <b> _v_"
    marks = set("![]()<>*_`$:")
    shown = plain(hostile)
    assert all(shown[place - 1] == "\\" for place, one in enumerate(shown) if one in marks)
    assert shown.replace("\\", "") == hostile
