"""Caches, the Redundancy Service and the index in the scenario language."""

from __future__ import annotations

import pytest

from simgrid.domain.copies import CacheRules, IndexRules, Redundancy
from simgrid.scenario import ScenarioInvalid, load

TINY = "tiny/one-unit"
DAY = 86400.0


def refused(*overrides: str) -> list[tuple[str, str, str]]:
    with pytest.raises(ScenarioInvalid) as caught:
        load(TINY, list(overrides))
    return [(one.code, one.place, one.help) for one in caught.value.problems]


def test_nothing_is_kept_unless_declared() -> None:
    (cell,) = load(TINY).cells
    assert (cell.sites[0].cache, cell.units[0].cache) == (None, None)
    assert (cell.grid.redundancy, cell.grid.index) == (None, None)


def test_declared_values_arrive_in_the_models_units() -> None:
    overrides = [
        "sites.clinic.cache={size: 200 GB, rule: ttl, ttl: 30 d}",
        "units.desk.cache={size: 1 TB}",
        "grid={redundancy: {source: nearest, delete: 1 s, keep_free: 5 %}, index: {push: 5 s}}",
    ]
    (cell,) = load(TINY, overrides).cells
    assert cell.sites[0].cache == CacheRules(200e9, "ttl", 30 * DAY)
    assert cell.units[0].cache == CacheRules(1e12)
    assert cell.grid.redundancy == Redundancy(source="nearest", delete_s=1.0, keep_free=0.05)
    assert cell.grid.index == IndexRules(5.0)


def test_a_lifetime_and_the_rule_ttl_need_each_other() -> None:
    assert refused("sites.clinic.cache={size: 1 GB, rule: ttl}")[0][::2] == (
        "E102",
        "say how long a copy lives, such as ttl: 30 d",
    )
    assert refused("units.desk.cache={size: 1 GB, ttl: 3 d}")[0][::2] == (
        "E102",
        "write rule: ttl, or leave ttl out",
    )


@pytest.mark.parametrize(
    ("redundancy", "code", "place", "way_out"),
    [
        ("archives: [data-centre, clinc]", "E201", "archives[1]", "did you mean 'clinic'?"),
        ("archives: [data-centre, desk]", "E201", "archives[1]", "archives are the data centre and sites"),
        ("archives: [data-centre, data-centre]", "E202", "archives[1]", "keep one"),
        ("archives: [clinic]", "E102", "archives", "add data-centre"),
        ("copies: 2", "E107", "copies", "name more archives"),
        ("copies: 0", "E107", "copies", "at least 1"),
        ("keep_free: 51 %", "E107", "keep_free", "at most 50 %"),
        ("source: closest", "E108", "source", "data-centre, nearest, least-loaded"),
    ],
)
def test_what_cannot_be_is_marked(redundancy: str, code: str, place: str, way_out: str) -> None:
    ((found, where, told),) = refused(f"grid={{redundancy: {{{redundancy}}}}}")
    assert (found, where) == (code, f"grid.redundancy.{place}")
    assert way_out in told


def test_an_archive_has_no_cache_and_all_is_told_at_once() -> None:
    found = refused(
        "sites.clinic.cache={size: 1 GB}",
        "grid={redundancy: {copies: 3, archives: [data-centre, clinic]}}",
    )
    assert {(code, place) for code, place, _ in found} == {
        ("E202", "sites.clinic.cache"),
        ("E107", "grid.redundancy.copies"),
    }
