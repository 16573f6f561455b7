"""Inspections belong to themselves: changing one parameter moves one column only."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.demand import Arrivals, CaseMix, Demand, Urgency
from simgrid.domain.distribution import constant, gamma, lognormal
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK, Inspections
from simgrid.domain.kind import Kind
from simgrid.domain.network import Access, Client
from simgrid.domain.units import DAY, HOUR
from simgrid.workload.synthetic import draw_inspections, draw_retrievals

SITES = ("north", "south", "west")
KINDS = tuple(
    Kind(modality, part, part.title(), code, "disease", f"{modality} {part}", 10.0, minutes, minutes, 1.0)
    for modality, part, code, minutes in (
        ("CT", "thorax", "C39", 14.0),
        ("MR", "brain", "C71", 12.0),
        ("DX", "leg", "S82", 3.0),
    )
)
MIX = CaseMix(
    kinds=KINDS,
    weights=(3.0, 1.0, 1.0),
    size_bytes={"CT": lognormal(1.8e8, 0.4), "MR": gamma(1e8, 0.3), "DX": constant(2e7)},
    images={"CT": 342, "MR": 250, "DX": 2},
    reading_cv={"CT": 0.8, "MR": 0.6, "DX": 0.5},
)
BASE = Demand(Arrivals(4 * HOUR, count=60), MIX, Urgency(0.2, HOUR, 4 * HOUR), defect_share={"CT": 0.3})
DRAWN = tuple(field.name for field in fields(Inspections) if field.name not in {"kinds", "sites"})

seeds = st.integers(0, 2**32 - 1)
hourly = st.lists(st.floats(0, 10), min_size=24, max_size=24).filter(lambda weights: sum(weights[:4]) > 0.1)


def moved(one: Inspections, other: Inspections) -> set[str]:
    return {name for name in DRAWN if not np.array_equal(getattr(one, name), getattr(other, name))}


def draw(demand: Demand, seed: int = 1, replication: int = 0, sites: tuple[str, ...] = SITES) -> Inspections:
    return draw_inspections(demand, sites, seed, replication)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, count=st.integers(0, 300), weights=hourly)
def test_a_fixed_count_is_kept_in_order_and_inside_the_window(
    seed: int, count: int, weights: list[float]
) -> None:
    arrivals = Arrivals(4 * HOUR, count=count, hourly=tuple(weights))
    drawn = draw(replace(BASE, arrivals=arrivals), seed)
    assert len(drawn) == count == len(set(drawn.identifier))
    assert np.all(np.diff(drawn.requested_s) >= 0)
    assert np.all((drawn.requested_s >= 0) & (drawn.requested_s < 4 * HOUR))
    silent = [weights[int(at // HOUR)] == 0 for at in drawn.requested_s]
    assert not any(silent)
    assert np.all(drawn.required_s == np.where(drawn.urgent, HOUR, 4 * HOUR))
    assert np.all(drawn.size_bytes > 0) and np.all(drawn.reading_draw_min > 0)
    assert drawn.luck.shape == (count, POLICY_LUCK + GATE_ATTEMPTS)
    assert drawn.defect.shape == (count, GATE_ATTEMPTS)


@settings(max_examples=20, deadline=None)
@given(seed=seeds, replication=st.integers(0, 500))
def test_the_same_names_give_the_same_draws_and_others_give_others(seed: int, replication: int) -> None:
    assert moved(draw(BASE, seed, replication), draw(BASE, seed, replication)) == set()
    assert {"requested_s", "reading_draw_min", "luck"} <= moved(
        draw(BASE, seed, replication), draw(BASE, seed, replication + 1)
    )


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_one_parameter_moves_its_own_column_only(seed: int) -> None:
    base = draw(BASE, seed)
    sizes = replace(MIX, size_bytes={**MIX.size_bytes, "CT": lognormal(9e8, 2.0)})
    assert moved(base, draw(replace(BASE, mix=sizes), seed)) <= {"size_bytes"}
    spread = replace(MIX, reading_cv={**MIX.reading_cv, "CT": 0.1})
    assert moved(base, draw(replace(BASE, mix=spread), seed)) <= {"reading_draw_min"}
    hurry = replace(BASE, urgency=Urgency(0.6, HOUR, 4 * HOUR))
    assert moved(base, draw(hurry, seed)) <= {"urgent", "required_s"}
    defects = replace(BASE, defect_share={"CT": 1.0, "MR": 1.0, "DX": 1.0})
    assert moved(base, draw(defects, seed)) == {"defect"}
    shares = replace(BASE, arrivals=replace(BASE.arrivals, site_share={"north": 9.0, "south": 1.0}))
    assert moved(base, draw(shares, seed)) == {"site"}
    evening = replace(BASE, arrivals=replace(BASE.arrivals, hourly=(1.0, 2.0, 3.0, 4.0) * 6))
    assert moved(base, draw(evening, seed)) == {"requested_s"}


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_a_larger_urgent_share_only_adds_urgent_inspections(seed: int) -> None:
    few, many = (draw(replace(BASE, urgency=Urgency(share, 1.0, 2.0)), seed).urgent for share in (0.1, 0.5))
    assert np.all(many[few])


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_another_case_mix_moves_only_the_rows_whose_kind_changed(seed: int) -> None:
    base = draw(BASE, seed)
    other = draw(replace(BASE, mix=replace(MIX, weights=(1.0, 1.0, 1.0))), seed)
    same = base.kind == other.kind
    for column in ("size_bytes", "reading_draw_min", "images", "requested_s", "site"):
        assert np.array_equal(getattr(base, column)[same], getattr(other, column)[same])


@settings(max_examples=20, deadline=None)
@given(seed=seeds, rate=st.floats(5, 60))
def test_a_further_site_moves_no_other_sites_inspections(seed: int, rate: float) -> None:
    arrivals = Arrivals(DAY, per_day={"north": rate, "south": 20.0})
    two = draw(replace(BASE, arrivals=arrivals), seed, sites=("north", "south"))
    grown = replace(arrivals, per_day={"west": 30.0, **arrivals.per_day})
    three = draw(replace(BASE, arrivals=grown), seed, sites=("west", "north", "south"))
    for name in ("north", "south"):
        here, there = (np.array(d.sites)[d.site] == name for d in (two, three))
        for column in set(DRAWN) - {"identifier", "site", "logged", "label", "pictures", "chances"}:
            assert np.array_equal(getattr(two, column)[here], getattr(three, column)[there])
    assert np.all(np.diff(three.requested_s) >= 0)
    firsts = [three.requested_s[three.site == site][:5].tolist() for site in range(3)]
    assert not set(firsts[0]) & set(firsts[1]) and not set(firsts[1]) & set(firsts[2])
    lucky = three.luck[:, 0]
    assert len(set(lucky)) == len(lucky)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_retrievals_ascend_and_belong_to_their_client(seed: int) -> None:
    access = Access(1e7, 1e7)
    clients = [Client(name, access, 3.0, lognormal(1e8, 0.5)) for name in ("archive", "clinic")]
    both = draw_retrievals(clients, DAY, seed, 0)
    alone = draw_retrievals(clients[1:], DAY, seed, 0)
    assert np.all(np.diff(both.at_s) >= 0) and np.all(both.at_s < DAY)
    assert np.array_equal(both.at_s[both.client == 1], alone.at_s)
    assert np.array_equal(both.size_bytes[both.client == 1], alone.size_bytes)
    assert len(draw_retrievals([replace(clients[0], retrievals_per_hour=0.0)], DAY, seed, 0).at_s) == 0
    assert len(draw_retrievals([], DAY, seed, 0).at_s) == 0
