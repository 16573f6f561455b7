"""CPU and memory of the archive of 52 sites, against bare SimPy timeouts, and what each system costs.

``python -m benchmarks.archive [--months N] [--rounds N] [--full]``. A slice of so many months (of thirty) is
run with every system of the grid on, with each of them off, and with all off; between them the same number
of inspections goes through nothing but timeouts. Every run has a process of its own; figures are medians over
rounds, in CPU seconds of the simulation, drawing the workload included. ``--full`` runs the thirty months,
and a tenth of the inspections over the same months, and compares the memory of the two.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

ARCHIVE = "paper/archive-52-sites"
MONTHS = 30
DAYS = 911
REPORTED, ARCHIVED = 14_216, 3_335_784
LIMIT_TIMEOUTS = 34
LIMIT_MEMORY = 1.5
LIMIT_MB = 1000.0
BARE = "bare timeouts"
ALL = "all systems"


def slice_of(months: float) -> list[str]:
    """The scenario's overrides for so many months at the same load."""
    share = months / MONTHS
    return [
        f"horizon={DAYS * share:.6g} d",
        f"demand.count={max(1, round(REPORTED * share))}",
        f"demand.archive.count={max(1, round(ARCHIVED * share))}",
    ]


def _child(kind: str, overrides: Sequence[str]) -> None:
    """One measurement, printed as JSON: inspections, CPU seconds, megabytes at the peak."""
    inspections, seconds = (_bare if kind == BARE else _ours)(overrides)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"inspections": inspections, "cpu_s": seconds, "peak_mb": peak_mb}))


def _ours(overrides: Sequence[str]) -> tuple[int, float]:
    from simgrid.experiments.assemble import run_journal
    from simgrid.scenario import load

    (warm,) = load(ARCHIVE, [*overrides, *slice_of(0.05)]).cells  # what is imported once is nobody's cost
    run_journal(warm, warm.policies[0], 0)
    (cell,) = load(ARCHIVE, overrides).cells
    began = time.process_time()
    journal = run_journal(cell, cell.policies[0], 0)
    seconds = time.process_time() - began
    return len(journal.inspections) + journal.archive.arrived, seconds


def _bare(overrides: Sequence[str]) -> tuple[int, float]:
    """As many timeouts as the limit grants so many inspections, by 100 processes of stock SimPy."""
    import simpy

    inspections = sum(int(one.partition("=")[2]) for one in overrides if "count=" in one)
    processes = 100

    def waits(env: simpy.Environment) -> object:
        for _ in range(inspections * LIMIT_TIMEOUTS // processes):
            yield env.timeout(1.0)

    env = simpy.Environment()
    for _ in range(processes):
        env.process(waits(env))  # type: ignore[arg-type]
    began = time.process_time()
    env.run()
    return inspections, time.process_time() - began


def _measure(kind: str, overrides: Sequence[str]) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.archive", "--child", kind, *overrides]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _systems() -> list[str]:
    """The places of the systems that the scenario has on, as they are taken away with ``null``."""
    from simgrid.domain.grid import Grid
    from simgrid.scenario import load

    (cell,) = load(ARCHIVE).cells
    systems = [f"grid.{name}" for name in Grid.__dataclass_fields__ if getattr(cell.grid, name) is not None]
    return systems + ["data_centre.platform"] * (cell.data_centre.platform is not None)


def main() -> None:
    """Measure, print the tables, end with one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--child", nargs="+")
    asked = parser.parse_args()
    if asked.child:
        _child(asked.child[0], asked.child[1:])
        return
    systems = _systems()
    cut = slice_of(asked.months)
    kinds = {BARE: cut, ALL: cut}
    kinds |= {f"without {one}": [*cut, f"{one}=null"] for one in systems}
    kinds["without any"] = [*cut, *(f"{one}=null" for one in systems)]
    runs: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for _ in range(asked.rounds):
        for kind, overrides in kinds.items():
            runs[kind].append(_measure(kind, overrides))
    ratios = _table(runs)
    if asked.full:
        ratios |= _memory()
    print(json.dumps({"benchmark": "archive", "ratios": ratios}))


def _table(runs: dict[str, list[dict[str, float]]]) -> dict[str, float]:
    each = {
        kind: statistics.median(1e6 * run["cpu_s"] / run["inspections"] for run in found)
        for kind, found in runs.items()
    }
    print(f"{int(runs[ALL][0]['inspections'])} inspections; microseconds of CPU for each")
    print(f"{'':34} {'us':>7} {'costs':>7}")
    for kind, value in each.items():
        costs = "" if kind in (BARE, ALL) else f"{each[ALL] - value:7.1f}"
        label = f"{LIMIT_TIMEOUTS} {kind}" if kind == BARE else kind
        print(f"{label:34} {value:7.1f} {costs}")
    return {f"{LIMIT_TIMEOUTS} timeouts / ours": round(each[BARE] / each[ALL], 3)}


def _memory() -> dict[str, float]:
    """The peaks of the thirty months in full and with a tenth of the inspections."""
    whole = _measure(ALL, slice_of(MONTHS))
    tenth = _measure(ALL, ["demand.scale=0.1"])
    for found in (tenth, whole):
        print(
            f"{int(found['inspections']):>9} inspections: {found['cpu_s']:6.1f} CPU s, "
            f"{found['peak_mb']:6.1f} MB (limit {LIMIT_MB:.0f})"
        )
    ratio = whole["peak_mb"] / tenth["peak_mb"]
    print(f"memory: {ratio:.2f} times that of a tenth (limit {LIMIT_MEMORY})")
    return {"memory full / tenth": round(ratio, 3), "peak_mb": round(whole["peak_mb"], 1)}


if __name__ == "__main__":
    main()
