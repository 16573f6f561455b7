"""What becomes of the ledger where a file changes values of the one that it extends."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.validate import validate
from simgrid.scenario import load, shipped_names
from simgrid.scenario.ledger import unaccounted

BASE = """
extends: tiny/one-unit
sources:
  radiologists: {stated: "the roster of 2026"}
  radiologists.*.hours: {assumed: "nobody goes home"}
  dispatch.every: {assumed: "as at home"}
"""


def ledger(folder: Path, *texts: str, overrides: tuple[str, ...] = ()) -> dict[str, tuple[str, str]]:
    """Of files of which each extends the one before, the last one's lines."""
    for number, text in enumerate((BASE, *texts)):
        head = f"extends: f{number - 1}.yaml\n" if number else ""
        (folder / f"f{number}.yaml").write_text(head + text)
    found = load(folder / f"f{len(texts)}.yaml", overrides).cells[0].sources
    return {one.place: (one.provenance, one.reason) for one in found}


def test_what_is_not_changed_keeps_its_source(tmp_path: Path) -> None:
    same = "demand: {count: 12}\nradiologists: {ada: {hours: always}}\n"
    same += "units: {desk: {link: {bandwidth: 20000 kbit/s}}}\n"
    assert ledger(tmp_path, same) == ledger(tmp_path)


def test_a_changed_value_loses_the_source_of_the_old_one_and_others_keep_theirs(tmp_path: Path) -> None:
    before = ledger(tmp_path)
    after = ledger(tmp_path, "demand: {count: 14}\n")
    assert after == before | {"demand.count": ("changed", "was 12 in one-unit.yaml")}


def test_a_promise_that_is_lowered_is_told_where_a_line_speaks_of_it(tmp_path: Path) -> None:
    made = "targets: {soon: {of: all, within: 60 min, share: 95 %}}\n"
    lowered = "targets: {soon: {share: 90 %}}\n"
    spoken = ledger(tmp_path, made + 'sources: {targets: {stated: "the contract"}}\n', lowered)
    assert spoken["targets.soon.share"] == ("changed", "was 95 % in f1.yaml")
    assert spoken["targets"] == ("stated", "the contract")
    assert not any(place.startswith("targets") for place in ledger(tmp_path, made, lowered))


def test_a_line_of_which_nothing_is_left_goes(tmp_path: Path) -> None:
    after = ledger(tmp_path, 'dispatch: {every: 1 min}\nradiologists: {ada: {hours: "daily 08:00-12:00"}}\n')
    assert after["dispatch.every"] == ("changed", "was 15 min in one-unit.yaml")
    assert after["radiologists.*.hours"][0] == "assumed"
    after = ledger(
        tmp_path, 'radiologists: {ada: {hours: "daily 08:00-12:00"}, ben: {hours: "Mon 08:00-12:00"}}\n'
    )
    assert "radiologists.*.hours" not in after
    assert after["radiologists.ben.hours"] == ("changed", "was always in one-unit.yaml")
    assert after["radiologists"][0] == "stated"


def test_a_new_thing_under_an_old_reason_has_none(tmp_path: Path) -> None:
    zoe = "radiologists: {zoe: {unit: desk, reads: [CT], hours: always, ratings: {CT: 0.9, Brain: 0.9}}}\n"
    after = ledger(tmp_path, zoe)
    assert after["radiologists.zoe.ratings.CT"] == ("changed", "not in f0.yaml")
    assert after["radiologists.zoe.reads"][0] == "changed"


def test_its_own_source_speaks_for_it_even_above_more_special_old_ones(tmp_path: Path) -> None:
    text = 'radiologists: {ada: {hours: "daily 08:00-12:00"}}\n'
    after = ledger(tmp_path, text + "sources: {radiologists: {assumed: ours}}\n")
    assert after["radiologists"] == ("assumed", "ours")
    assert after["radiologists.ada.hours"] == ("assumed", "ours")
    assert after["radiologists.*.hours"] == ("assumed", "nobody goes home")


def test_a_later_file_may_give_the_source_or_change_it_again(tmp_path: Path) -> None:
    first = "demand: {count: 14}\n"
    answered = ledger(tmp_path, first, "sources: {demand: {stated: counted}}\n")
    assert answered["demand"] == ("stated", "counted")
    assert "demand.count" not in answered
    again = ledger(tmp_path, first, "demand: {count: 15}\n")
    assert again["demand.count"] == ("changed", "was 14 in f1.yaml")
    gone = ledger(
        tmp_path, first, "demand: {count: null, by_hour: office}\nsites: {clinic: {demand: {per_day: 9}}}\n"
    )
    assert "demand.count" not in gone


def test_an_override_changes_a_value_too_and_may_bring_its_source(tmp_path: Path) -> None:
    after = ledger(tmp_path, overrides=("demand.count=14",))
    assert after["demand.count"] == ("changed", "was 12 in one-unit.yaml")
    told = ledger(tmp_path, overrides=("demand.count=14", "sources.demand={stated: counted}"))
    assert told["demand"] == ("stated", "counted")
    assert "demand.count" not in told


def test_the_law_of_a_draw_is_a_value(tmp_path: Path) -> None:
    one = "uncertain: {demand.scale: {interval: [0.9, 1.1]}}\nsources: {demand.scale: {stated: counted}}\n"
    assert ledger(tmp_path, one)["demand.scale"] == ("stated", "counted")
    assert ledger(tmp_path, one.partition("\n")[0] + "\n")["demand.scale"] == (
        "changed",
        "not drawn in f0.yaml",
    )
    other = "uncertain: {demand.scale: {interval: [0.8, 1.2]}}\n"
    assert ledger(tmp_path, one, other)["demand.scale"] == (
        "changed", "was drawn from {interval: [0.9, 1.1]} in f1.yaml",
    )  # fmt: skip


def test_what_the_results_keep_reads_back_the_same(tmp_path: Path) -> None:
    ledger(tmp_path, "demand: {count: 14}\n")
    loaded = load(tmp_path / "f1.yaml")
    (tmp_path / "resolved.yaml").write_text(loaded.resolved)
    again = load(tmp_path / "resolved.yaml")
    assert again.cells[0].sources == loaded.cells[0].sources
    assert again.resolved == loaded.resolved
    assert "demand.count" in unaccounted(again.tree, again.cells[0].sources)


def test_validate_says_which_values_have_lost_their_source(tmp_path: Path) -> None:
    ledger(tmp_path, "demand: {count: 14}\ndispatch: {every: 1 min}\n")
    told = CliRunner().invoke(validate, [str(tmp_path / "f1.yaml")]).output
    assert "new or changed, and no source is given of them: demand.count, dispatch.every" in told
    assert "changed" not in CliRunner().invoke(validate, [str(tmp_path / "f0.yaml")]).output


@pytest.mark.parametrize("name", shipped_names())
def test_no_shipped_scenario_leaves_a_source_behind(name: str) -> None:
    assert [one.place for one in load(name).cells[0].sources if one.provenance == "changed"] == []
