"""Values changed within a scenario's text: the rest of it stays to the last character."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.scenario import load, shipped
from simgrid.scenario.confined import inside, outside
from simgrid.scenario.dials import dials
from simgrid.scenario.editing import CannotEdit, edited
from simgrid.scenario.files import Draft, read_resolved
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree


def text_of(name: str) -> str:
    file = shipped(name)
    assert file is not None
    return file.read_text(encoding="utf-8")


def changed(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[:2] in ("+ ", "- ")]


UNIT = text_of("templates/study-unit")


def test_a_value_is_changed_where_it_stands_and_comments_stay() -> None:
    after = edited(UNIT, ("units", "unit", "link", "bandwidth"), "16 Mbit/s")
    assert changed(UNIT, after) == [
        "-   unit: {link: {bandwidth: 8 Mbit/s}, storage: 2 TB, workstations: 9, monitor: 5 MP}",
        "+   unit: {link: {bandwidth: 16 Mbit/s}, storage: 2 TB, workstations: 9, monitor: 5 MP}",
    ]
    after = edited("a: 1   # why\nb: 'x'  # and\n", ("b",), "y: z")
    assert after == 'a: 1   # why\nb: "y: z"  # and\n'


def test_a_shared_value_is_changed_in_one_place_alone() -> None:
    """Three groups have the same evenings by an anchor; whoever changes one means one."""
    after = edited(UNIT, ("radiologists", "brain", "hours"), "Mon-Fri 16:00-20:00")
    hours = {name: one.mapping["hours"].value for name, one in _people(after)}
    assert hours == {
        "brain": "Mon-Fri 16:00-20:00",
        "thorax": "Mon-Fri 17:00-20:00",
        "abdomen": "Mon-Fri 17:00-20:00",
    }
    after = edited(UNIT, ("radiologists", "thorax", "hours"), "always")
    assert [one.mapping["hours"].value for _, one in _people(after)].count("always") == 1


def _people(text: str):  # type: ignore[no-untyped-def]
    return read_tree(Source("t", text)).mapping["radiologists"].mapping.items()


@pytest.mark.parametrize(
    ("text", "place", "added"),
    [
        ("extends: x\n# end\n", ("radiologists", "ada", "count"), "radiologists: {ada: {count: 3}}"),
        ("a:\n  b: 1  # why\n", ("a", "c"), "  c: 3"),
        ("a: {b: 1}\n", ("a", "c", "d"), "a: {c: {d: 3}, b: 1}"),
        ("a: {}\n", ("a", "c"), "a: {c: 3}"),
        ("{}", ("a",), "{a: 3}"),
        ("a: 1", ("b",), "b: 3"),
        ("m: &m {x: 1}\na:\n  <<: *m\n", ("a", "x"), "  x: 3"),
    ],
)
def test_what_the_file_inherits_is_written_into_it(text: str, place: tuple[str, ...], added: str) -> None:
    after = edited(text, place, 3)
    assert [line for line in changed(text, after) if line.startswith("+")] == [f"+ {added}"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: {b: 1}\n", ("a",)),
        ("a: [1, 2]\n", ("a",)),
        ("m: &m {x: 1}\na: *m\n", ("a", "x")),
        ("m: &m {x: 1}\na: *m\n", ("m", "x")),
        ("a: |\n  two\n  lines\nb: 1\n", ("a",)),
        ("a: 1\n", ("a", "b")),
    ],
)
def test_what_cannot_be_changed_by_itself_is_left_to_the_text(text: str, place: tuple[str, ...]) -> None:
    with pytest.raises(CannotEdit, match="in the text"):
        edited(text, place, 3)


def test_the_same_value_changes_nothing() -> None:
    assert edited(UNIT, ("radiologists", "brain", "count"), 3) == UNIT


@pytest.mark.parametrize(
    "name", ["templates/study-unit", "templates/regional-network", "tiny/evening-shift", "planning/outage"]
)
def test_each_common_value_can_be_changed_alone(name: str) -> None:
    file = shipped(name)
    assert file is not None
    text = text_of(name)
    for dial in dials(read_resolved(file).tree)[::4]:
        new = f"{dial.value} x" if isinstance(dial.value, str) else dial.value + 1
        after = edited(text, dial.place, new)
        was = {one.name: one.value for one in dials(read_resolved(file).tree)}
        found = {one.name: one.value for one in dials(read_resolved(Draft(file, after)).tree)}
        assert {name for name in was if found[name] != was[name]} == {dial.name}
        assert found[dial.name] == new


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30).filter(
        str.isprintable
    )
)
def test_any_words_are_read_back_as_they_were_given(words: str) -> None:
    text = "a: {b: 1} # why\nc: 2\n"
    after = edited(text, ("a", "b"), words)
    assert read_tree(Source("t", after)).plain() == {"a": {"b": words}, "c": 2}
    assert after.endswith("} # why\nc: 2\n")


def test_a_draft_is_read_in_the_place_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: tiny/one-unit\nseed: 3\n")
    loaded = load(Draft(tmp_path / "mine.yaml", "extends: tiny/one-unit\nseed: 8\n"))
    assert (loaded.cells[0].seed, loaded.cells[0].name) == (8, "mine")
    assert "seed: 8" in loaded.text


def test_files_outside_the_folder_are_named_and_not_opened(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (tmp_path / "secret.yaml").write_text("password: 1234\n")
    (mine / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (mine / "between.yaml").write_text("extends: ../secret.yaml\n")
    file = mine / "a.yaml"
    for text in (
        "extends: ../secret.yaml\n",
        "extends: link.yaml\n",
        "extends: between.yaml\n",
        "incidents: ../secret.yaml\n",
        "codes: /etc\n",
        "demand: {log: {file: /etc/passwd}}\n",
        "plug_ins: {mine: ../evil.py:Evil}\n",
        "sweep: {incidents: [a.csv, ../secret.yaml]}\n",
        "belief: {stage: between.yaml}\n",
    ):
        problems = outside(Draft(file, text), mine)
        assert ["outside the working folder" in one.message for one in problems] == [True], text
        assert "1234" not in "".join(one.render() for one in problems)
    assert outside(Draft(file, "extends: tiny/one-unit\nincidents: own.csv\n"), mine) == ()
    assert outside(Draft(file, "a: [\n"), mine)[0].code == "E002"
    assert inside(mine / "a.yaml", mine)
    assert not inside(mine / "link.yaml", mine)
    assert not inside(mine / ".." / "secret.yaml", mine)
