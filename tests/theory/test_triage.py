"""An imperfect label against queueing theory: one radiologist, labelled urgent first, nothing interrupted.

As in ``test_queues``: exact on the same draws first. Then five means of one setting, fixed beforehand: the
waits by label and by urgency itself, and the part of the wait that labels save urgent inspections, against
the same requests without labels. Each is equivalent to the closed form of ``foresight.triage`` within its
band by two one-sided tests at 5 %. By the recursion on 150 replications of other seeds the largest
coefficient of variation is .117 for the waits and .150 for the part saved, so n = (4.22 cv / band)^2 asks
for 25 and 18.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from scipy import stats

from simgrid.domain.demand import Triage
from simgrid.domain.inspection import Inspections, Labels
from simgrid.domain.units import FloatArray
from simgrid.foresight.erlang import waiting
from simgrid.foresight.triage import Readings, TriageWaits, triage_waits
from simgrid.randomness import stream
from simgrid.workload.case_mix import draw_label
from tests.worlds import inspections, simulate, world

BAND, SAVED_BAND = 0.10, 0.15
LOAD, URGENT = 0.5, 0.2
TRIAGE = Triage(sensitivity=0.8, false_positives=0.15)
SICK, WELL = Readings(90.0, 0.6), Readings(52.5, 0.9)  # 60 s in the mean
PER_S = LOAD / 60.0
ROWS, REPLICATIONS = 2500, 26
NAMES = ("labelled_urgent_s", "labelled_routine_s", "urgent_s", "routine_s", "saved")


def work(replication: int, triage: Triage = TRIAGE, seed: int = 11, rows: int = ROWS) -> Inspections:
    """Poisson requests; lognormal reading times, longer and less varied where the inspection is urgent."""
    streams = partial(stream, seed, replication)
    at_s = np.cumsum(streams("gap").exponential(1 / PER_S, rows))
    urgent = streams("urgent").random(rows) < URGENT
    normal = streams("reading").standard_normal(rows)
    spread = [np.sqrt(np.log1p(one.cv**2)) for one in (SICK, WELL)]
    logs = [
        np.log(one.mean_s) + sd * normal - sd**2 / 2 for one, sd in zip((SICK, WELL), spread, strict=True)
    ]
    reading_s = np.exp(np.where(urgent, *logs))
    label = draw_label(triage, urgent, streams)
    asked = inspections(at_s.tolist(), (reading_s / 60).tolist(), urgent=urgent)
    return replace(asked, label=Labels(label, np.full(rows, 3600.0)))


def recursion(of: Inspections, first: np.ndarray) -> FloatArray:
    """Seconds from request to opening at one server that takes the ``first`` rows first."""
    waits = np.zeros(len(of))
    queue: list[tuple[bool, int]] = []
    now, upcoming = 0.0, 0
    while upcoming < len(of) or queue:
        if not queue:
            now = max(now, float(of.requested_s[upcoming]))
        while upcoming < len(of) and of.requested_s[upcoming] <= now:
            heapq.heappush(queue, (not first[upcoming], upcoming))
            upcoming += 1
        row = heapq.heappop(queue)[1]
        waits[row] = now - float(of.requested_s[row])
        now += float(of.reading_draw_min[row]) * 60
    return waits


def simulated(of: Inspections) -> FloatArray:
    row = simulate(world(), of).inspections
    waits: FloatArray = row.opened_s - row.requested_s
    return waits


def means(of: Inspections, waits: FloatArray, in_turn: FloatArray) -> list[float]:
    assert of.label is not None
    label, urgent = of.label.urgent, of.urgent
    parts = (label, ~label, urgent, ~urgent)
    return [
        *(float(waits[rows].mean()) for rows in parts),
        1.0 - float(waits[urgent].mean() / in_turn[urgent].mean()),
    ]


@cache
def observed() -> np.ndarray:
    """The five means of each replication, shape (replications, 5)."""
    drawn = [work(replication) for replication in range(REPLICATIONS)]
    nobody = np.zeros(ROWS, dtype=np.bool_)
    return np.array([means(one, simulated(one), recursion(one, nobody)) for one in drawn])


def exact(triage: Triage = TRIAGE) -> dict[str, float]:
    found = triage_waits(triage, PER_S, URGENT, SICK, WELL)
    told = {name: getattr(found, name) for name in NAMES[:-1]}
    return told | {"saved": 1.0 - found.urgent_s / found.unlabelled_s}


def equivalent(values: np.ndarray, to: float, band: float = BAND) -> bool:
    low, high = interval(values, 0.90)
    return to * (1 - band) < low and high < to * (1 + band)


def interval(values: np.ndarray, level: float) -> tuple[float, float]:
    half = float(stats.t.ppf((1 + level) / 2, len(values) - 1)) * float(stats.sem(values))
    return float(values.mean()) - half, float(values.mean()) + half


def excluded(values: np.ndarray, wrong: float) -> bool:
    low, high = interval(values, 0.99)
    return not low <= wrong <= high


def test_every_wait_equals_the_recursion_of_the_queue_by_label() -> None:
    of = work(0, seed=12, rows=1500)
    assert of.label is not None
    waits = simulated(of)
    assert waits.tolist() == pytest.approx(recursion(of, of.label.urgent).tolist(), rel=1e-9, abs=1e-6)
    assert not np.allclose(waits, recursion(of, of.urgent))


@pytest.mark.parametrize("name", NAMES)
def test_the_mean_is_that_of_the_closed_form(name: str) -> None:
    values, band = observed()[:, NAMES.index(name)], SAVED_BAND if name == "saved" else BAND
    assert equivalent(values, exact()[name], band), (values.mean(), stats.sem(values), exact()[name])


@pytest.mark.parametrize(
    ("mutant", "seen_in"),
    [
        (Triage(1.0, 0.0), ("labelled_urgent_s", "urgent_s", "saved")),
        (Triage(1.0, TRIAGE.false_positives), ("urgent_s", "saved")),
        (Triage(TRIAGE.sensitivity, 0.0), ("urgent_s", "saved")),
    ],
)
def test_a_formula_that_ignores_an_error_of_the_label_is_found_out(
    mutant: Triage, seen_in: tuple[str, ...]
) -> None:
    wrong = exact(mutant)
    found = [name for place, name in enumerate(NAMES) if excluded(observed()[:, place], wrong[name])]
    assert set(found) >= set(seen_in)


def test_a_model_that_shows_the_truth_is_found_out() -> None:
    """What the desks would do without the labels, by the same draws."""
    drawn = [work(replication) for replication in range(8)]
    waits = [simulated(replace(one, label=None))[one.urgent].mean() for one in drawn]
    assert interval(np.array(waits), 0.99)[1] < exact()["urgent_s"]


def waits_of(sensitivity: float, false_positives: float, share: float = 0.3) -> TriageWaits:
    return triage_waits(Triage(sensitivity, false_positives), PER_S, share, SICK, WELL)


def test_a_label_that_is_no_better_than_chance_changes_no_mean() -> None:
    for share in (0.0, 0.3, 1.0):
        found = waits_of(share, share)
        assert (found.urgent_s, found.routine_s) == pytest.approx((found.unlabelled_s,) * 2)
    better, worse = waits_of(0.4, 0.3), waits_of(0.3, 0.4)
    assert better.urgent_s < better.unlabelled_s < better.routine_s
    assert worse.routine_s < worse.unlabelled_s < worse.urgent_s


def test_what_the_urgent_gain_the_routine_pay_by_their_minutes() -> None:
    """Kleinrock's conservation law: the sum of load x wait does not depend on who is first."""
    work_s = np.array([0.3 * SICK.mean_s, 0.7 * WELL.mean_s]) * PER_S
    for sensitivity, false_positives in ((1.0, 0.0), (0.9, 0.1), (0.2, 0.6)):
        found = waits_of(sensitivity, false_positives)
        spent = float(work_s @ [found.urgent_s, found.routine_s])
        assert spent == pytest.approx(float(work_s.sum()) * found.unlabelled_s)
        first = 1 - sensitivity * work_s[0] - false_positives * work_s[1]
        gained = found.unlabelled_s * (sensitivity - false_positives) * work_s[1] / first
        assert found.unlabelled_s - found.urgent_s == pytest.approx(gained)


def test_a_perfect_label_is_the_queue_with_two_urgencies() -> None:
    one = Readings(60.0, 1.0)
    found = triage_waits(Triage(1.0, 0.0), 0.7 / 60, 0.25, one, one)
    known = waiting(1, 0.7 / 60, 60.0, 1.0, 0.25, 1e6)
    assert known is not None
    assert (found.urgent_s, found.routine_s) == pytest.approx((known.urgent_s, known.routine_s))


@pytest.mark.parametrize(
    ("rate", "share", "triage"),
    [(1 / 60, 0.5, TRIAGE), (0.001, 1.1, TRIAGE), (0.001, 0.5, Triage(-0.1, 0.0))],
)
def test_what_has_no_steady_state_is_refused(rate: float, share: float, triage: Triage) -> None:
    with pytest.raises(ValueError, match=r"give shares|less than 1"):
        triage_waits(triage, rate, share, Readings(60.0, 1.0), Readings(60.0, 1.0))
