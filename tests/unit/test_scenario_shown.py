"""Scenarios shown and compared: what is printed reads back, every value knows its place, words and units."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.cli.diff import diff
from simgrid.cli.schema import schema
from simgrid.cli.show import show
from simgrid.scenario import shipped_names
from simgrid.scenario.differences import differences
from simgrid.scenario.files import read_resolved
from simgrid.scenario.json_schema import as_text
from simgrid.scenario.marks import Source
from simgrid.scenario.reference import PAGE, fresh
from simgrid.scenario.writing import as_yaml
from simgrid.scenario.yaml_tree import read_tree

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e15, 1e15, allow_nan=False),
    st.text(max_size=12).filter(lambda text: all(one.isprintable() or one in "\n\t\xa0" for one in text)),
    st.sampled_from(
        ["NO", "17:00", "010", "8 Mbit/s", "null", "~", "a: b", "a #b", "- x", "{", "1e3", ".5", ""]
    ),
)
KEYS = st.text(min_size=1, max_size=6).filter(lambda text: text != "<<" and text.isprintable())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_what_is_written_reads_back(plain: dict[str, Any]) -> None:
    tree = read_tree(Source("given", json.dumps(plain, ensure_ascii=False)))
    for origins in (False, True):
        assert read_tree(Source("again", as_yaml(tree, origins=origins))).plain() == tree.plain()


@pytest.mark.parametrize("name", shipped_names())
def test_every_value_shown_stands_where_its_origin_says(name: str) -> None:
    result = CliRunner().invoke(show, [name, "--origins"])
    assert result.exit_code == 0
    folder = Path(__file__).parents[2] / "scenarios"
    texts: dict[str, list[list[str]]] = {}
    for path in folder.rglob("*.yaml"):  # a name may stand in two folders
        texts.setdefault(path.name, []).append(path.read_text(encoding="utf-8").split("\n"))
    checked = 0
    for line in result.output.splitlines():
        found = re.fullmatch(r"( *)(\S.*?): (.+?)  # (\S+):(\d+)", line)
        if found is None or found[3][0] in "[{" or found[2].startswith("- "):
            continue
        place = int(found[5]) - 1
        written = [lines[place] for lines in texts[Path(found[4]).name] if place < len(lines)]
        assert any(found[3].strip('"') in one for one in written), line
        checked += 1
    assert checked > 20
    assert read_tree(Source("again", result.output)).plain() == read_resolved(name).tree.plain()


def test_an_override_is_an_origin() -> None:
    result = CliRunner().invoke(show, ["tiny/one-unit", "--origins", "--set", "seed=7"])
    assert "seed: 7  # --set seed=7\n" in result.output


def test_a_file_that_cannot_be_read_is_told() -> None:
    for arguments in (["nowhere"], ["tiny/one-unit", "--set", "seed"]):
        result = CliRunner().invoke(show, arguments)
        assert result.exit_code == 2
        assert "error[E0" in result.output


TEXT = (Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml").read_text(encoding="utf-8")


def said(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    a, b = tmp_path / "a.yaml", tmp_path / "b.yaml"
    a.write_text(TEXT, encoding="utf-8")
    b.write_text(text, encoding="utf-8")
    trees = (read_resolved(a).tree, read_resolved(b).tree)
    return [one.sentence("a", "b") for one in differences(*trees)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("10 Mbit/s", "12 Mbit/s", "sites.clinic.link.bandwidth: 10 Mbit/s -> 12 Mbit/s (+20 %)"),
        ("15 min}", "1 h}", "dispatch.every: 15 min -> 1 h (4 times)"),
        (
            "{every: 15 min}",
            "{every: 15 min, at_most: 5}",
            "dispatch.at_most: 10000 by default -> 5 (divided by 2e+03)",
        ),
        ("give_up_after: 2 d\n", "", "give_up_after: 2 d -> 30 d by default (15 times)"),
        ("round-robin, manual", "random, manual", None),
        ("rwoa, rbsm", "rbsm, rwoa", None),
        ("clinic:", "hospital:", "sites.clinic: only in a: {link: {bandwidth: 10 Mbit/s}}"),
        ("replications: 2\n", "replications: 2\nsweep: {seed: [1, 2]}\n", "sweep: only in b: {seed: [1, 2]}"),
        ('{assumed: "an ordinary Monday"}', "{stated: letter}", None),
    ],
)
def test_a_difference_in_words(tmp_path: Path, old: str, new: str, sentence: str | None) -> None:
    found = said(tmp_path, (old, new))
    if sentence is not None:
        assert sentence in found
    assert len(found) == (2 if "hospital" in new else 1)


def test_lists_say_what_changed(tmp_path: Path) -> None:
    assert said(tmp_path, ("rwoa, rbsm", "rbsm, rwoa"))[0].endswith("(another order)")
    assert said(tmp_path, ("round-robin, manual", "random, manual"))[0].endswith("(1 new, 1 gone)")


def test_two_ways_to_write_one_value_are_no_difference(tmp_path: Path) -> None:
    assert said(tmp_path, ("10 Mbit/s", "10000 kbit/s"), ("horizon: 2 h", "horizon: 120 min")) == []
    same = CliRunner().invoke(diff, ["tiny/one-unit", "tiny/one-unit"])
    assert (same.exit_code, same.output) == (0, "tiny/one-unit and tiny/one-unit mean the same\n")


def test_diff_of_what_does_not_validate_compares_the_texts(tmp_path: Path) -> None:
    assert said(tmp_path, ("10 Mbit/s", "10 mbit/s")) == [
        "sites.clinic.link.bandwidth: 10 Mbit/s -> 10 mbit/s"
    ]


def test_diff_in_json_and_of_nothing() -> None:
    result = CliRunner().invoke(diff, ["tiny/one-unit", "tiny/evening-shift", "--json"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert {"place": "horizon", "before": "2 h", "after": "2 d", "note": "24 times"} in rows
    missing = CliRunner().invoke(diff, ["nowhere", "tiny/one-unt"])
    assert missing.exit_code == 2
    assert missing.output.count("error[E001]") == 2


def test_the_schema_is_printed() -> None:
    assert CliRunner().invoke(schema).output == as_text()


def test_the_reference_page_is_fresh_and_its_links_lead_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert fresh(text) == text
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-").replace(",", "") for heading in headings}
    assert {link for link in re.findall(r"\]\(#([^)]+)\)", text) if link not in anchors} == set()
    for key in ("variants", "sweep", "absence", "by_hour", "W302", "Mbit/s", "emergency", "`events`"):
        assert key in text
