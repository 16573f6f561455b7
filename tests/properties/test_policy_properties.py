"""RWOA against every assignment there is, and what must hold of all policies whatever the worklist."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.scenario import PolicyChoice
from simgrid.policies.registry import make
from simgrid.rating import Ontology, demand_matrix, rating_matrix, rbsm
from tests.worklists import KINDS, radiologist, team, worklist

ONTOLOGY = Ontology.default()
CONDITIONS = sorted({condition for kind in KINDS for condition in kind.conditions()})
tenths = st.integers(0, 10).map(lambda n: n / 10)


@st.composite
def cases(draw, most_rows=4):
    """A team of up to three in two units, and a small worklist with limits loose, tight or closed."""
    R, S = draw(st.integers(1, 3)), draw(st.integers(1, most_rows))
    people = [
        radiologist(
            f"r{j}",
            {name: draw(tenths) for name in CONDITIONS},
            unit=draw(st.sampled_from(["north", "south"])),
            reads=draw(st.sampled_from([("CT", "MR", "MG"), ("CT", "MR"), ("MG",)])),
            monitor=draw(st.sampled_from([8.0, 8.0, 2.0])),
            speed=draw(st.sampled_from([0.5, 1.0, 2.0])),
        )
        for j in range(R)
    ]
    made = team(*people, transfer_limit_s=draw(st.sampled_from([float("inf"), 9.0])))
    U = len(made.units)

    def some(size, *values):
        return draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))

    state = {
        "urgent": some(S, False, True),
        "required_s": some(S, 600.0, 3600.0, 1e6),
        "size_bytes": some(S, 1e6, 2e6),
        "luck": [some(3, 0.0, 0.3, 0.6, 0.9) for _ in range(S)],
        "on_duty": some(R, True, False),
        "available_in_s": some(R, 0.0, 1800.0, float("inf")),
        "effort_done": some(R, 0.0, 20.0),
        "effort_limit": some(R, 10.0, 30.0, 1e6),
        "bandwidth_bps": some(U, 1e6, 2e6, 1e9),
        "storage_free_bytes": some(U, 0.0, 3e6, 1e15),
    }
    return made, worklist(made, some(S, 0, 1, 2), **state)


def ratings(made, work):
    """Eq. 2 asked once more, row by row."""
    demand = demand_matrix(ONTOLOGY, made.kinds)[work.kind]
    believed = rating_matrix(ONTOLOGY, made.belief)
    return rbsm(demand, believed, ontology=ONTOLOGY, urgent=work.urgent)


def missing_s(made, work, i, j):
    """Seconds missing of eq. 7 and 8 by their printed form."""
    kind = made.kinds[work.kind[i]]
    transfer = 8 * work.size_bytes[i] / work.units.bandwidth_bps[made.unit_of[j]]
    reading = made.belief[j].speed * kind.effort_min * 60
    response = work.age_s[i] + work.desks.available_in_s[j] + transfer + reading
    return max(transfer - made.transfer_limit_s, 0.0) + max(response - work.required_s[i], 0.0)


def allowed(made, work, i):
    """Who may get row i: eligible, and among those the least late."""
    kind = made.kinds[work.kind[i]]
    may = [
        j
        for j, one in enumerate(made.radiologists)
        if kind.modality in one.reads and (one.monitor_megapixels or 8.0) >= kind.image_megapixels
    ]
    late = {j: missing_s(made, work, i, j) for j in may}
    return [j for j in may if late[j] <= min(late.values())]


def worth(made, work, rating, choice):
    """(excess over closed limits, relative excess over open ones, minus rating): smaller is better."""
    closed = opened = 0.0
    loads = []
    for j in range(len(made.radiologists)):
        left = max(work.desks.effort_limit[j] - work.desks.effort_done[j], 0.0)
        effort = sum(work.effort_min[i] for i, who in enumerate(choice) if who == j)
        loads.append((effort, left, work.effort_min.max()))
    for u in range(len(made.units)):
        stored = sum(
            work.size_bytes[i] for i, who in enumerate(choice) if who >= 0 and made.unit_of[who] == u
        )
        loads.append((stored, work.units.storage_free_bytes[u], work.size_bytes.max()))
    for load, limit, largest in loads:
        if limit > 0:
            opened += max(load - limit, 0.0) / limit
        else:
            closed += load / largest
    return closed, opened, -sum(rating[i, who] for i, who in enumerate(choice) if who >= 0)


@settings(max_examples=300, deadline=None)
@given(cases())
def test_rwoa_is_the_best_of_all_assignments(case):
    made, work = case
    rating = ratings(made, work)
    options = [allowed(made, work, i) or [-1] for i in range(len(work))]
    best = min(
        (worth(made, work, rating, choice) for choice in product(*options)),
        key=lambda one: tuple(round(part, 7) for part in one),
    )
    answer = make(PolicyChoice("rwoa"), made, ONTOLOGY).assign(work)
    found = answer.radiologist.tolist()
    assert all(who in choices for who, choices in zip(found, options, strict=True))
    assert worth(made, work, rating, found) == pytest.approx(best, rel=1e-6, abs=1e-7)
    late = {i: missing_s(made, work, i, who) for i, who in enumerate(found) if who >= 0}
    told = {one.inspection for one in answer.relaxed if one.condition in ("transfer", "deadline")}
    assert told == {i for i, seconds in late.items() if seconds > 0}
    unread = {one.inspection for one in answer.relaxed if one.condition == "unassigned"}
    assert unread == {i for i, who in enumerate(found) if who < 0}


@settings(max_examples=40, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_what_rwoa_achieves(case, shuffle):
    made, work = case
    rating = ratings(made, work)
    order = list(range(len(work)))
    shuffle.shuffle(order)
    moved = permuted(work, order)
    rwoa = make(PolicyChoice("rwoa"), made, ONTOLOGY)
    before = worth(made, work, rating, rwoa.assign(work).radiologist.tolist())
    after = worth(made, moved, rating[order], rwoa.assign(moved).radiologist.tolist())
    assert after == pytest.approx(before, rel=1e-6, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(cases(most_rows=6), st.randoms(use_true_random=False))
def test_rbsm_and_random_decide_row_by_row(case, shuffle):
    made, work = case
    order = list(range(len(work)))
    shuffle.shuffle(order)
    for label in ("rbsm", "random", "random@feasible"):
        policy = make(PolicyChoice.parse(label), made, ONTOLOGY)
        before, after = policy.assign(work).radiologist, policy.assign(permuted(work, order)).radiologist
        assert after.tolist() == before[order].tolist()


@settings(max_examples=40, deadline=None)
@given(cases(most_rows=6))
def test_on_believed_fit_nobody_who_keeps_the_conditions_beats_rbsm(case):
    made, work = case
    rating = ratings(made, work)
    rows = np.arange(len(work))
    eligible = made.eligible(work.kind)
    best = make(PolicyChoice("rbsm"), made, ONTOLOGY).assign(work).radiologist
    for label in ("rwoa", "manual", "random@feasible", "round-robin@feasible", "shortest-queue@feasible"):
        other = make(PolicyChoice.parse(label), made, ONTOLOGY).assign(work).radiologist
        assert ((other >= 0) == eligible.any(axis=1)).all()
        read = rows[other >= 0]
        assert eligible[read, other[read]].all()
        assert (rating[read, best[read]] >= rating[read, other[read]]).all()


def permuted(work, order):
    """The same rows in another order."""
    per_row = (
        "inspection",
        "kind",
        "urgent",
        "size_bytes",
        "effort_min",
        "effort_points",
        "age_s",
        "required_s",
    )
    columns = {name: getattr(work, name)[order] for name in (*per_row, "luck")}
    return type(work)(now_s=0.0, session=1, desks=work.desks, units=work.units, **columns)
