"""What a campaign costs beside its runs: bare joblib over ours, which keeps every run safe on the disk.

``python -m benchmarks.campaign [--rounds N] [--runs N] [--workers N]``. The same runs of about 0.2 s, two
ways, each in a process of its own that starts its own workers, one after the other so that a busy machine
slows both alike:

- ``bare``: ``joblib.Parallel`` over the function that makes a run; what it returns stays in memory;
- ``ours``: keys, a look at what is stored, the same function, a file a run that is forced to the disk,
  receipts, and reading it all back as a study.

A ratio of 1 says that safety is free; the goal is 0.95 of bare's wall time over ours. Last, how long Ctrl-C
takes to end a command with two workers in the middle of a run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL = 0.95
INSPECTIONS = 1200
WAYS = ("bare", "ours")
COMMAND = "from simgrid_telerad import main; import sys; main(sys.argv[1:])"


def scenario(runs: int) -> tuple[str, ...]:
    """Settings that make about 0.2 s of work a run on one core of 2024, in ``runs`` runs of two policies."""
    return (
        f"replications={runs // 2}",
        f"demand.count={INSPECTIONS}",
        "horizon=5 d",
        "policies=[round-robin, manual]",
        "baseline=manual",
    )


def one_way(way: str, runs: int, workers: int) -> dict[str, float]:
    """In a process of its own: wall and CPU seconds of the campaign, its workers included."""
    from joblib import Parallel, delayed

    from simgrid.experiments.assemble import run_once
    from simgrid.experiments.campaign import campaign
    from simgrid.experiments.replicate import replicate
    from simgrid.scenario import load

    loaded = load("tiny/one-unit", scenario(runs))
    cell = loaded.cells[0]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        if way == "bare":
            asked = [(policy, number) for number in range(cell.replications) for policy in cell.policies]
            made = Parallel(n_jobs=workers)(
                delayed(run_once)(cell, policy, number) for policy, number in asked
            )
            assert len(made) == runs
        else:
            study = replicate(campaign(loaded.cells), Path(folder), run_once, jobs=workers)
            assert study.values.shape[1] * study.values.shape[2] == runs
        wall_s = time.perf_counter() - began
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown()
        spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return {"wall_s": wall_s, "cpu_s": sum(one.ru_utime + one.ru_stime for one in spent)}


def measured(way: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Start that process, and read its line."""
    command = [sys.executable, "-m", "benchmarks.campaign", "--way", way]
    command += ["--runs", str(arguments.runs), "--workers", str(arguments.workers)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(told)
    return found


def interrupted_s(workers: int) -> float:
    """Seconds from a Ctrl-C to the end of a command that computes; it must end as promised."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["run", "tiny/one-unit", "-j", str(workers), "-o", folder]
        for one in scenario(200):
            arguments += ["--set", one]
        with subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            while not list(Path(folder).glob("*/runs/*.json")):
                assert process.poll() is None
                time.sleep(0.01)
            began = time.perf_counter()
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait() == 130
            return time.perf_counter() - began


def main() -> None:
    """Print the table and the line of JSON; exit code 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=80)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        print(json.dumps(one_way(asked.way, asked.runs, asked.workers)))
        return
    ratios: dict[str, list[float]] = {"wall": [], "cpu": []}
    print(f"{asked.runs} runs with {asked.workers} workers; {os.cpu_count()} processors")
    print(f"{'round':>5} {'bare s':>7} {'ours s':>7} {'ratio':>6} {'CPU ratio':>9}")
    for number in range(asked.rounds):
        order = WAYS if number % 2 == 0 else WAYS[::-1]
        took = {way: measured(way, asked) for way in order}
        for name, unit in (("wall", "wall_s"), ("cpu", "cpu_s")):
            ratios[name].append(took["bare"][unit] / took["ours"][unit])
        bare, ours = (took[way]["wall_s"] for way in WAYS)
        print(
            f"{number + 1:5} {bare:7.2f} {ours:7.2f} {bare / ours:6.3f} {ratios['cpu'][-1]:9.3f}", flush=True
        )
    medians = {name: round(statistics.median(found), 3) for name, found in ratios.items()}
    stopped = round(statistics.median(interrupted_s(asked.workers) for _ in range(asked.rounds)), 2)
    print(f"bare over ours: wall {medians['wall']} (goal {GOAL}), CPU {medians['cpu']}")
    print(f"Ctrl-C ends the command in {stopped} s")
    print(json.dumps({"benchmark": "campaign", "ratios": medians, "goal": GOAL, "interrupt_s": stopped}))
    if medians["wall"] < GOAL:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
