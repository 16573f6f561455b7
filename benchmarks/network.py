"""CPU time of ``simgrid.network.SharedLinks`` and of other ways to share links, on the same transfers.

``python -m benchmarks.network [--rounds N] [--flows N]``. Workers in SimPy send one transfer after another
over 50 up-links, a core and 3 down-links, so that 1, 20 or 200 are always under way. "Spokes" wait for their
up-links, as sites on access lines do; a "funnel" makes most transfers wait for the down-links. Peers take
turns, so that a busy machine slows all alike; each round is a world of its own, and a figure is the median
over the rounds in CPU seconds of ``env.run``.

Peers: a process per flow that is interrupted whenever its rate changes; one manager that solves the whole
network anew at every change; bytes over bandwidth as if each transfer were alone, which is wrong and says
what any network object costs at least. None is a straw man: like ours they solve once for an end and the
start that it sets off, and interrupt only whose rate changed.

The two exact peers must give our finish times within 1e-6 s, or there is no figure. For that the transfers
start at given times, those of our run: where an end decides when the next transfer starts, rounding grows
tenfold every few hundred transfers, whoever computes, and after 2000 no two programs agree to a microsecond.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import simpy

from benchmarks.network_peers import Alone, Interrupting, Manager
from benchmarks.one_wakeup import OneWakeUp
from simgrid.network import SharedLinks

EXACT_S = 1e-6
IN_FLIGHT = (1, 20, 200)
Path = tuple[str, ...]


@dataclass(frozen=True)
class World:
    """Links with bits per second, and each worker's transfers as (path, bytes)."""

    capacity: dict[str, float]
    transfers: list[list[tuple[Path, float]]]


def world(kind: str, workers: int, flows: int, seed: int) -> World:
    """50 up-links of 0.65 to 20 Mbit/s. In a "funnel" the 3 down-links are what most transfers wait for."""
    rng = np.random.default_rng([50, 3, workers, seed])
    down_bps = {"spokes": 200e6, "funnel": 20e6}[kind]
    capacity = {f"up{i}": float(rng.uniform(0.65e6, 20e6)) for i in range(50)}
    capacity |= {f"down{j}": down_bps * float(rng.uniform(0.8, 1.2)) for j in range(3)}
    capacity["core"] = 1e9
    paths = [(f"up{i}", "core", f"down{j}") for i in range(50) for j in range(3)]
    # A worker on fast lines sends more than its share; nobody comes to the end of its list.
    each = 1 + min(flows, 20 * flows // workers)
    drawn = rng.integers(len(paths), size=(workers, each))
    sizes = rng.lognormal(math.log(10e6), 1.0, size=(workers, each))
    transfers = [
        [(paths[p], size) for p, size in zip(*row, strict=True)]
        for row in zip(drawn.tolist(), sizes.tolist(), strict=True)
    ]
    return World(capacity, transfers)


def shared(env: simpy.Environment, capacity: dict[str, float]) -> OneWakeUp:
    """This project's engine behind the one wake-up that the model uses."""
    return OneWakeUp(env, SharedLinks(capacity))


def alone(env: simpy.Environment, capacity: dict[str, float]) -> OneWakeUp:
    """The same wake-up with a network object in which nobody shares."""
    return OneWakeUp(env, Alone(capacity))


OURS = "simgrid"
EXACT = ("process per flow", "full re-solve")
PEERS: dict[str, Callable[..., OneWakeUp | Interrupting | Manager]] = {
    OURS: shared,
    "process per flow": Interrupting,
    "full re-solve": Manager,
    "bytes/bandwidth": alone,
}
# At 200 in flight the slow peers need milliseconds a flow: fewer flows say the same.
FEWER = {"process per flow": {200: 4}, "full re-solve": {200: 2}}


def run(name: str, problem: World, flows: int) -> tuple[float, list[list[float]]]:
    """CPU seconds until ``flows`` transfers have ended, and each worker's finish times."""
    env = simpy.Environment()
    network = PEERS[name](env, problem.capacity)
    ends: list[list[float]] = [[] for _ in problem.transfers]
    enough = env.event()
    left = flows

    def next_one(k: int) -> None:
        network.send(*problem.transfers[k][len(ends[k])], thens[k])

    def ended(k: int) -> None:
        nonlocal left
        ends[k].append(env.now)
        left -= 1
        if not left:
            enough.succeed()
        next_one(k)

    thens = [partial(ended, k) for k in range(len(ends))]
    for k in range(len(ends)):
        next_one(k)
    gc.collect()
    began = time.process_time()
    env.run(until=enough)
    return time.process_time() - began, ends


def replay(name: str, problem: World, ends: list[list[float]]) -> list[float]:
    """Finish times of the transfers of a run that are started at its times, by (worker, number)."""
    env = simpy.Environment()
    network = PEERS[name](env, problem.capacity)
    # A worker starts its next transfer when the one before has ended.
    starts = sorted(
        (start_s, k, n)
        for k, ended in enumerate(ends)
        for n, start_s in enumerate([0.0, *ended])
        if n < len(problem.transfers[k])
    )
    finished: dict[tuple[int, int], float] = {}

    def note(which: tuple[int, int]) -> None:
        finished[which] = env.now

    def feeder() -> Iterator[simpy.Event]:
        for start_s, k, n in starts:
            yield env.timeout(start_s - env.now)
            network.send(*problem.transfers[k][n], partial(note, (k, n)))

    env.process(feeder())
    env.run()
    return [finished[which] for which in sorted(finished)]


def measure(kind: str, workers: int, flows: int, rounds: int) -> dict[str, float]:
    """Median CPU microseconds a flow, by peer; it ends the program when an exact peer disagrees."""
    cost: dict[str, list[float]] = {name: [] for name in PEERS}
    for seed in range(rounds):
        problem = world(kind, workers, flows, seed)
        for name in PEERS:
            share = flows // FEWER.get(name, {}).get(workers, 1)
            cost[name].append(1e6 * run(name, problem, share)[0] / share)
    ends = run(OURS, problem, flows // 2)[1]
    ours = replay(OURS, problem, ends)
    for name in EXACT:
        off_s = max(abs(a - b) for a, b in zip(ours, replay(name, problem, ends), strict=True))
        if off_s > EXACT_S:
            sys.exit(f"{kind}, {workers} in flight: {name} ends a flow {off_s:g} s away from ours")
    return {name: statistics.median(costs) for name, costs in cost.items()}


def bare_events_per_s(events: int = 200_000) -> float:
    """What SimPy alone does with 100 processes that wait and wait: the yardstick between machines."""
    env = simpy.Environment()

    def clock(period: float) -> Iterator[simpy.Event]:
        while True:
            yield env.timeout(period)

    for k in range(100):
        env.process(clock(1.0 + 0.001 * k))
    began = time.process_time()
    env.run(until=events / 100)
    return events / (time.process_time() - began)


def main() -> None:
    """Print the tables and the line of JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9, help="runs of each peer (default %(default)s)")
    parser.add_argument("--flows", type=int, default=2000, help="flows a run (default %(default)s)")
    given = parser.parse_args()
    events = statistics.median(bare_events_per_s() for _ in range(5))
    print(f"bare SimPy: {events:,.0f} events per CPU second")
    ratios: dict[str, float] = {}
    for kind in ("spokes", "funnel"):
        print(f"\n{kind}: flows per CPU second, and how many times our CPU a peer needs")
        print(f"{'in flight':>9}" + "".join(f"{name:>24}" for name in PEERS))
        for workers in IN_FLIGHT:
            cost = measure(kind, workers, given.flows, given.rounds)
            ratio = {name: cost[name] / cost[OURS] for name in PEERS}
            print(f"{workers:9}" + "".join(f"{1e6 / cost[n]:15,.0f} {ratio[n]:7.2f}x" for n in PEERS))
            ratios |= {f"{kind} {workers} {n}": round(ratio[n], 3) for n in PEERS if n != OURS}
    print(json.dumps({"benchmark": "network", "bare_events_per_s": round(events), "ratios": ratios}))


if __name__ == "__main__":
    main()
