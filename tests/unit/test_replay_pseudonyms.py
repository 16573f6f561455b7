"""Pseudonyms, shapes of refused values, and the table of priority words."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.priorities import LEVELS, PRIORITIES, level_of
from simgrid.workload.replay.pseudonyms import AsGiven, Pseudonyms, new_key, pseudonym
from simgrid.workload.replay.rows import CANONICAL, HIDDEN, refuse, shown

ONE, OTHER = Pseudonyms(bytes(32)), Pseudonyms(bytes([1] * 32))


def test_a_pseudonym_depends_on_the_key_and_the_identifier() -> None:
    assert ONE.inspection("a") == ONE.inspection("a")
    assert len({ONE.inspection("a"), ONE.inspection("b"), OTHER.inspection("a")}) == 3
    assert new_key() != new_key()
    with pytest.raises(LogError, match="key of 3 bytes"):
        Pseudonyms(b"abc")
    with pytest.raises(LogError, match="'patients' cannot be kept"):
        Pseudonyms(bytes(32), frozenset({"patients"}))


def test_the_key_is_not_in_the_representation() -> None:
    assert "\\x01" not in repr(OTHER)


def test_numbers_of_names_follow_the_key_not_the_alphabet() -> None:
    given = [f"Dr {letter}" for letter in "abcdefghijkl"]
    one, other = ONE.names("radiologist", given), OTHER.names("radiologist", given)
    assert sorted(one.values()) == sorted(other.values()) == [f"radiologist-{n:02d}" for n in range(1, 13)]
    assert one != other
    assert [one[name] for name in given] != sorted(one.values())
    assert one == ONE.names("radiologist", reversed(given))
    assert len(ONE.names("site", map(str, range(150)))["7"]) == len("site-007")


def test_names_are_kept_on_request_only() -> None:
    kept = Pseudonyms(bytes(32), frozenset({"sites"}))
    assert kept.names("site", ["North"]) == {"North": "North"}
    assert kept.names("radiologist", ["Dr A"]) == {"Dr A": "radiologist-01"}


def test_shifts_are_whole_weeks_evenly_on_both_sides_and_never_none() -> None:
    drawn = [ONE.shift_days(str(patient), 3) for patient in range(3000)]
    assert set(drawn) == {-21, -14, -7, 7, 14, 21}
    assert all(abs(drawn.count(days) - 500) < 100 for days in set(drawn))
    assert ONE.shift_days("x", 0) == 0


def test_a_standard_log_keeps_its_names() -> None:
    name = pseudonym(ONE.inspection("a"))
    assert AsGiven().inspection(name) == ONE.inspection("a")
    assert AsGiven().inspection("i12") == AsGiven().inspection("i12") != AsGiven().inspection("i13")


def test_a_refused_value_is_shown_by_its_shape() -> None:
    assert shown("priority", "Kowalczyk 12") == "Aaaaaaaaa 99"
    assert shown("requested_at", "17.04.1961 08:00") == "99.99.9999 99:99"
    assert shown("size_bytes", "-5") == "-5"
    assert shown("images", "1.5") == "1.5"
    assert shown("images", "7741093") == "9999999"
    assert shown("priority", "ja\x1b[2J\nnein") == "aa [9A aaaa"
    assert shown("priority", "=cmd()") == "'=aaa()"
    assert len(shown("protocol", "x" * 1_000_000)) == 40
    for field in (*HIDDEN, "Patient Name", ""):
        assert shown(field, "Kowalczyk") == ""


@pytest.mark.parametrize(
    "value", ["Kowalczyk 12", "-5", "-x", "=1+1", "x" * 50, "\t\n x ", "Ünï", "1.5", "٣"]
)
def test_showing_twice_changes_nothing(value: str) -> None:
    for field in CANONICAL:
        once = shown(field, value)
        assert shown(field, once) == once


def test_a_refusal_names_no_foreign_column() -> None:
    assert "Kowalczyk" not in repr(refuse("log", 1, "Kowalczyk's remarks", "x", "why"))


def test_every_priority_word_has_a_level_and_says_after_whom() -> None:
    assert {level for level, _ in PRIORITIES.values()} == set(LEVELS)
    for word, (level, origin) in PRIORITIES.items():
        assert word == word.casefold()
        assert origin.startswith(("stated: ", "assumed: "))
        assert level_of(f" {word.upper()} ") == LEVELS.index(level)
    assert level_of("soon") is None


def test_the_reference_page_has_every_word() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/replay.md").read_text()
    rows = [f"| `{word}` | {level} | {origin} |" for word, (level, origin) in PRIORITIES.items()]
    assert [line for line in page.split("## Words")[1].splitlines() if line.startswith("| `")] == rows
