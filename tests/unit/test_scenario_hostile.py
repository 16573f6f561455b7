"""Files made to do harm: a located error with its way out, in a bounded number of words."""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simgrid.cli.validate import validate
from simgrid.codes import CodeTableError, CodeTables
from simgrid.codes import reading as codes_reading
from simgrid.scenario import Problem, ScenarioInvalid, load
from simgrid.scenario.build import Cell, build_cell
from simgrid.scenario.files import MAX_BYTES
from simgrid.scenario.load import MOST_REFUSED
from simgrid.scenario.problems import LONGEST_PLACE, MOST_TOLD
from simgrid.scenario.yaml_tree import MAX_LINE, MAX_LINES

TITLE = 'title: "Tiny: one site, one unit, two radiologists, twelve inspections"'
TEXT = (Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml").read_text(encoding="utf-8")


def refused(folder: Path, text: str) -> tuple[Problem, ...]:
    file = folder / "s.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file)
    return caught.value.problems


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("title: x\nseed: " + "9" * MAX_LINE, 2, f"at most {MAX_LINE} fit"),
        ("a: !" + "x" * MAX_LINE, 1, "break it up"),  # a tag costs the YAML reader the square of its length
        ("a: '" + "x\n" * (MAX_LINES + 1), MAX_LINES + 1, f"more than {MAX_LINES} lines"),
        ("# " + "x" * MAX_BYTES, 0, "larger than 500 kB"),
    ],
)
def test_what_the_yaml_reader_would_take_long_over_is_refused_before(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    (problem,) = refused(tmp_path, text)
    assert (problem.code, problem.line) == ("E005", line)
    assert said in problem.message + problem.help
    assert len(problem.render()) < 500


@pytest.mark.parametrize(
    "value", ["1e" + "1" * 9000, "0" * 9000, "0x" + "f" * 9000, "9" * 9000, "!" + "t" * 9000 + " 1"]
)
def test_a_long_value_is_quoted_in_brief(tmp_path: Path, value: str) -> None:
    (problem, *_) = refused(tmp_path, f"{TEXT}\nlookup_factor: {value}\n")
    assert problem.code == "E006"
    assert problem.place == "lookup_factor"
    assert len(problem.message + problem.help) < 300


def test_a_long_key_is_quoted_in_brief(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, TEXT + "\n" + "k" * 900 + ": 1\n")
    assert problem.code == "E101"
    assert len(problem.place) == LONGEST_PLACE
    assert len(problem.message) < 100


@pytest.mark.parametrize("start", ["9999-12-31 08:00", "0001-01-01", "1899-12-31", "2200-01-01"])
def test_time_begins_far_from_the_ends_of_the_calendar(tmp_path: Path, start: str) -> None:
    (problem,) = refused(tmp_path, changed("2026-01-05 08:00", start))
    assert (problem.code, problem.place) == ("E107", "calendar.start")
    assert problem.help == "simulated time begins in the years 1900 to 2199"


@pytest.mark.parametrize("start", ["1900-01-01", "2199-12-31 23:59"])
def test_the_first_and_the_last_day_on_which_time_may_begin(tmp_path: Path, start: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(changed("2026-01-05 08:00", start), encoding="utf-8")
    assert len(load(file).cells) == 1


def test_radiologists_are_counted_before_they_are_made(tmp_path: Path) -> None:
    many = "".join(
        f"  r{n}: {{unit: desk, count: 1000, reads: [CT], hours: always, ratings: {{CT: 0.5}}}}\n"
        for n in range(100)
    )
    (problem,) = refused(tmp_path, changed("radiologists:\n", "radiologists:\n" + many))
    assert (problem.code, problem.place) == ("E107", "radiologists")
    assert problem.message == "radiologists: 100002 of them, at most 2000 fit"


def test_a_sweep_whose_every_cell_is_refused_is_not_built_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = []

    def counted(*given: Any, **options: Any) -> Cell:
        built.append(given)
        return build_cell(*given, **options)

    monkeypatch.setattr(import_module("simgrid.scenario.load"), "build_cell", counted)
    swept = "horizon: 2 h\nsweep: {dispatch.at_most: {from: -1999, to: 0, steps: 2000}}\n"
    (problem,) = refused(tmp_path, changed("horizon: 2 h\n", swept))
    assert (problem.place, problem.message) == ("dispatch.at_most", "at_most: -1999 is out of range")
    assert len(built) == MOST_REFUSED


def test_the_first_hundred_are_written_and_all_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("".join(f"key{n}: 1\n" for n in range(500)) + TEXT, encoding="utf-8")
    written = CliRunner().invoke(validate, [str(file)])
    assert written.exit_code == 2
    assert written.stdout == ""
    assert written.stderr.count("error[E101]") == MOST_TOLD
    assert written.stderr.rstrip().endswith(
        "and 400 more: 500 problems in all; mend these first, they may share a cause"
    )
    with pytest.raises(ScenarioInvalid) as caught:
        load(file)
    assert len(caught.value.problems) == 500
    assert str(caught.value) == written.stderr.rstrip()
    lines = [
        json.loads(line) for line in CliRunner().invoke(validate, ["--json", str(file)]).stdout.splitlines()
    ]
    assert lines[-1] == {"told": MOST_TOLD, "more": 400, "total": 500}
    assert [one["line"] for one in lines[:-1]] == list(range(1, MOST_TOLD + 1))


def test_where_there_are_too_many_errors_come_before_warnings(tmp_path: Path) -> None:
    source = "".join(f"  sites.s{n}: assumed\n" for n in range(150))
    sites = "".join(f"  s{n}: {{link: {{bandwidth: 10 Mbit/s}}}}\n" for n in range(150))
    text = changed("sites: {clinic: {link: {bandwidth: 10 Mbit/s}}}\n", "sites:\n" + sites)
    text = text.replace("sources:\n", "sources:\n" + source)
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    written = CliRunner().invoke(validate, [str(file)])
    assert (written.exit_code, written.stderr.count("warning[")) == (0, MOST_TOLD)
    assert "and 50 more: 150 problems in all" in written.stderr


@pytest.mark.parametrize(
    ("content", "said", "most"),
    [
        (b"a," * codes_reading.MAX_BYTES, "is larger than 5 MB", 1),
        (b"a," * 50_000 + b"\n", "has 50001 columns", 1),
        (b"x,y\n" * 50_000, "has 2 cells", codes_reading.MOST_TOLD + 1),
    ],
)
def test_a_table_of_codes_that_is_none(tmp_path: Path, content: bytes, said: str, most: int) -> None:
    default = Path(codes_reading.__file__).parent / "tables" / "protocols.csv"
    head = default.read_bytes().split(b"\n")[0] + b"\n" if content.startswith(b"x") else b""
    (tmp_path / "protocols.csv").write_bytes(head + content)
    with pytest.raises(CodeTableError) as caught:
        CodeTables.from_folder(tmp_path)
    assert said in str(caught.value.problems[0])
    assert len(caught.value.problems) == most


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (r"\e]0;own\a\e[31mNight", "U+001B"),
        (r"a\x9bb", "U+009B"),
        (r"\u202Eback", "U+202E"),
        (r"\0", "U+0000"),
    ],
)
def test_no_text_steers_a_terminal(tmp_path: Path, written: str, code: str) -> None:
    for old, new in (
        (TITLE, f'title: "{written}"'),
        ("sources:", f'sources:\n  seed: {{assumed: "{written}"}}'),
        ("sites: {clinic", f'sites: {{"{written}"'),
    ):
        (problem,) = refused(tmp_path, changed(old, new))
        assert problem.code == "E006"
        assert problem.message.endswith(f"the text holds the control character {code}")
        assert problem.snippet.isprintable()
        assert problem.line > 0


def test_line_breaks_tabs_and_other_alphabets_are_text(tmp_path: Path) -> None:
    for written in (r"two\nlines", r"a\tb", r"8\_Mbit", "Ñacht über Łódź", "夜間"):
        file = tmp_path / "s.yaml"
        file.write_text(changed(TITLE, f'title: "{written}"'), encoding="utf-8")
        assert load(file).cells[0].title


LINE = "root:x:0:0:root"


@pytest.mark.parametrize("name", ["passwd", "passwd.yaml", "notes.yaml"])
@pytest.mark.parametrize("way", ["relative", "absolute"])
def test_what_is_no_ontology_is_refused_unquoted_where_it_is_named(
    tmp_path: Path, name: str, way: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = tmp_path / "elsewhere" / name
    other.write_text(f"secret: '{LINE}'\n" if name == "notes.yaml" else LINE + "\n", encoding="utf-8")
    (tmp_path / "own").mkdir()
    given = f"../elsewhere/{name}" if way == "relative" else str(other)
    (problem,) = refused(tmp_path / "own", f"{TEXT}ontology: {given}\n")
    assert (problem.code, problem.place) == ("E208", "ontology")
    assert problem.file == str(tmp_path / "own" / "s.yaml")
    assert problem.snippet == f"ontology: {given}"
    assert "weights and children" in problem.help
    assert LINE not in problem.render() + problem.as_json()


def test_what_is_no_scenario_is_not_read_by_extends(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "passwd").write_text(LINE, encoding="utf-8")
    (problem,) = refused(tmp_path / "own", "extends: ../passwd\n")
    assert (problem.code, problem.line, problem.help) == ("E008", 1, "name a .yaml file")
    assert LINE not in problem.render()
    (tmp_path / "own" / "loop.yaml").symlink_to("loop.yaml")
    (problem,) = refused(tmp_path / "own", "extends: loop.yaml\n")
    assert "the link 'loop.yaml' cannot be read: " in problem.message


def test_a_log_that_is_no_file_is_called_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "folder.csv").mkdir()
    text = TEXT.replace("  count: 12\n", "")
    for name, what in (
        ("pipe.csv", "is no regular file"),
        ("loop.csv", "cannot be read: "),
        ("folder.csv", "is a folder"),
        ("none.csv", "no such file"),
    ):
        found = refused(tmp_path, text.replace("demand:\n", f"demand:\n  log: {{file: {name}}}\n", 1))
        (problem,) = [one for one in found if one.place == "demand.log.file"]
        assert what in problem.message
