"""CPU time of the whole model and of models that one would write without it, on a month of the archive.

``python -m benchmarks.lifecycle [--months N] [--rounds N]``. The journey is upload, decision, delivery,
reading, report; the systems of the grid are off, since the peers have none, and a policy that costs nothing
(round-robin) decides. Every peer must give our times within 1e-6 s for every inspection, or there is no
figure; "bytes over bandwidth" is our own model with ``network.sharing: separate`` and differs in the network
object only. Peers take turns, each in a process of its own; figures are medians over rounds, in CPU seconds
of the simulation, with the workload drawn before.

Ciw expresses no shared link, so it has a table of its own: one radiologist round the clock, links of any
width. It takes part where it is installed (``pip install ciw``).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from benchmarks.lifecycle_peers import Slice, Textbook
from benchmarks.network_peers import Interrupting, Manager

OURS, SEPARATE = "ours", "bytes over bandwidth"
TEXTBOOK, MANAGER = "textbook, interrupts", "textbook, full re-solve"
TIMEOUT, QUEUE, CIW = "a bare timeout", "ours, one queue", "Ciw, one queue"
EXACT_S = 1e-6
QUEUED = 20_000
LEGS = ("uploaded", "assigned", "delivered", "opened", "read", "reported")


def _cell(months: float, *overrides: str) -> Any:
    from benchmarks.archive import ARCHIVE, slice_of
    from simgrid.domain.demand import Patients
    from simgrid.domain.grid import Grid
    from simgrid.scenario import load

    own = ["policies=[round-robin]", *overrides]
    (cell,) = load(ARCHIVE, [*slice_of(months), *own]).cells
    return replace(
        cell,
        canonical="",  # another world than the scenario's: nothing of it may be taken for that one
        grid=Grid(),
        lines={},
        clients=(),
        sites=tuple(replace(site, cache=None) for site in cell.sites),
        units=tuple(replace(unit, cache=None) for unit in cell.units),
        data_centre=replace(cell.data_centre, platform=None),
        demand=replace(cell.demand, patients=Patients()),
    )


def _ours(months: float, stamps: dict[str, Any] | None = None, *overrides: str) -> tuple[int, float]:
    """Our model; with ``stamps`` it also tells when each inspection reached the archive, untimed."""
    from simgrid.experiments import assemble
    from simgrid.simulation.recorder import Recorder

    warm = _cell(0.05, *overrides)  # what is imported once is nobody's cost
    assemble.run_journal(warm, warm.policies[0], 0)
    cell = _cell(months, *overrides)
    setting = assemble.setting_of(cell, 0)
    archived = [math.nan] * len(setting.studies)
    plain = Recorder.archived

    def noting(self: Recorder, row: int, requested_s: float, now_s: float) -> None:
        archived[row] = now_s
        plain(self, row, requested_s, now_s)

    if stamps is not None:
        Recorder.archived = noting  # type: ignore[method-assign]
    began = time.process_time()
    journal = assemble.run_setting(cell, setting, cell.policies[0], 0)
    seconds = time.process_time() - began
    if stamps is not None:
        Recorder.archived = plain  # type: ignore[method-assign]
        wanted = setting.studies.to_report
        for leg in LEGS:
            stamps[leg] = [*getattr(journal.inspections, f"{leg}_s").tolist()]
        stamps["uploaded"] += archived[wanted:]
    return len(setting.studies), seconds


def _slice(months: float) -> tuple[Slice, list[int]]:
    """The same world and workload as plain lists in order of request, and each one's row in ours."""
    from simgrid.experiments import assemble

    cell = _cell(months)
    setting = assemble.setting_of(cell, 0)
    studies, world = setting.studies, setting.world
    order = studies.order.block(0, len(studies)).tolist()
    draws_s = (setting.inspections.reading_draw_min * 60.0).tolist()
    wanted = [row < studies.to_report for row in order]
    given = Slice(
        capacity_bps={
            f"{name}/{way}": bps
            for name, access in world.access.items()
            for way, bps in (("up", access.up_bps), ("down", access.down_bps))
        },
        requested_s=studies.requested_s[order].tolist(),
        site=[world.sites[site].name for site in studies.site[order].tolist()],
        size_bytes=studies.size_bytes[order].tolist(),
        urgent=studies.urgent[order].tolist(),
        wanted=wanted,
        reading_s=[
            [draws_s[row] * one.speed if row < studies.to_report else 0.0 for row in order]
            for one in world.truth
        ],
        shifts=[[tuple(span) for span in roster.as_array().tolist()] for roster in world.rosters],
        window_s=world.dispatch.every_s,
        report_bytes=world.report_bytes,
        give_up_s=world.give_up_s,
    )
    return given, order


def _textbook(months: float, network: Any, stamps: dict[str, Any] | None) -> tuple[int, float]:
    given, order = _slice(months)
    model = Textbook(given, network)
    began = time.process_time()
    model.run()
    seconds = time.process_time() - began
    if stamps is not None:
        wanted = sum(given.wanted)
        for leg, times in model.stamps.items():
            by_row = dict(zip(order, times, strict=True))
            stamps[leg] = [by_row[row] for row in range(len(order) if leg == "uploaded" else wanted)]
    return len(order), seconds


def _timeouts(_: float, __: object) -> tuple[int, float]:
    import simpy

    def waits(env: simpy.Environment) -> Any:
        for _ in range(5000):
            yield env.timeout(1.0)

    env = simpy.Environment()
    for _ in range(100):
        env.process(waits(env))
    began = time.process_time()
    env.run()
    return 500_000, time.process_time() - began


def _queue_times() -> tuple[list[float], list[float]]:
    import numpy as np

    rng = np.random.default_rng(5)
    return np.cumsum(rng.exponential(600, QUEUED)).tolist(), rng.exponential(480, QUEUED).tolist()


def _our_queue(_: float, stamps: dict[str, Any] | None) -> tuple[int, float]:
    """One radiologist round the clock, decided at each arrival."""
    from tests.worlds import inspections, simulate, world

    asked_s, reading_s = _queue_times()
    work = inspections(asked_s, [one / 60 for one in reading_s])
    began = time.process_time()
    journal = simulate(world(), work, timing="online")
    seconds = time.process_time() - began
    if stamps is not None:
        stamps["read"] = journal.inspections.read_s.tolist()
    return QUEUED, seconds


def _ciw_queue(_: float, stamps: dict[str, Any] | None) -> tuple[int, float]:
    import ciw

    asked_s, reading_s = _queue_times()
    gaps = [asked_s[0], *(after - before for before, after in pairwise(asked_s))]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, math.inf])],
        service_distributions=[ciw.dists.Sequential(reading_s)],
        number_of_servers=[1],
    )
    simulation = ciw.Simulation(network)
    began = time.process_time()
    simulation.simulate_until_max_customers(QUEUED, method="Finish")
    seconds = time.process_time() - began
    if stamps is not None:
        ended = {one.id_number: one.exit_date for one in simulation.get_all_records()}
        stamps["read"] = [ended[number] for number in sorted(ended)][:QUEUED]
    return QUEUED, seconds


KINDS: Mapping[str, Callable[[float, dict[str, Any] | None], tuple[int, float]]] = {
    TIMEOUT: _timeouts,
    OURS: _ours,
    SEPARATE: lambda months, stamps: _ours(months, stamps, "network.sharing=separate"),
    TEXTBOOK: lambda months, stamps: _textbook(months, Interrupting, stamps),
    MANAGER: lambda months, stamps: _textbook(months, Manager, stamps),
    QUEUE: _our_queue,
    CIW: _ciw_queue,
}
MUST_AGREE = {TEXTBOOK: OURS, MANAGER: OURS, CIW: QUEUE}


def _child(kind: str, months: float, *, check: bool) -> None:
    stamps: dict[str, Any] | None = {} if check else None
    inspections, seconds = KINDS[kind](months, stamps)
    print(json.dumps({"inspections": inspections, "cpu_s": seconds, "stamps": stamps}))


def _measure(kind: str, months: float, *, check: bool = False) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.lifecycle", "--child", kind, "--months", str(months)]
    command += ["--check"] * check
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _apart(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The largest difference between two models' times; inf where one has a time and the other none."""
    furthest = 0.0
    for leg, times in one.items():
        for first, second in zip(times, other[leg], strict=True):
            if math.isnan(first) != math.isnan(second):
                return math.inf
            if not math.isnan(first):
                furthest = max(furthest, abs(first - second))
    return furthest


def main() -> None:
    """Check, measure in turns, print the table, end with one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if asked.child:
        _child(asked.child, asked.months, check=asked.check)
        return
    known = [kind for kind in KINDS if kind != CIW or importlib.util.find_spec("ciw")]
    pairs = {peer: own for peer, own in MUST_AGREE.items() if peer in known}
    checked = {kind: _measure(kind, asked.months, check=True) for kind in {*pairs, *pairs.values()}}
    apart = {peer: _apart(checked[peer]["stamps"], checked[own]["stamps"]) for peer, own in pairs.items()}
    kinds = [kind for kind in known if apart.get(kind, 0.0) <= EXACT_S]
    runs: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(asked.rounds):
        for kind in kinds:
            found = _measure(kind, asked.months)
            runs[kind].append(1e6 * found["cpu_s"] / found["inspections"])
    each = {kind: statistics.median(found) for kind, found in runs.items()}
    print(f"{checked[OURS]['inspections']} inspections; microseconds of CPU for each")
    for kind in KINDS:
        figure = f"{each[kind]:9.1f}" if kind in each else "no figure"
        furthest = f"   within {apart[kind]:.1e} s of ours" if kind in apart else ""
        print(f"{kind:26} {figure}{furthest}")
    print(json.dumps({"benchmark": "lifecycle", "ratios": _ratios(each)}))


def _ratios(each: dict[str, float]) -> dict[str, float | None]:
    """How many times more CPU the first took than the second; None without a figure."""
    pairs = {
        "shared / bytes over bandwidth": (OURS, SEPARATE),
        "full re-solve / ours": (MANAGER, OURS),
        "textbook / ours": (TEXTBOOK, OURS),
        "ours / bare timeout": (OURS, TIMEOUT),
        "Ciw / ours, one queue": (CIW, QUEUE),
    }
    return {
        name: round(each[one] / each[other], 2) if one in each and other in each else None
        for name, (one, other) in pairs.items()
    }


if __name__ == "__main__":
    main()
