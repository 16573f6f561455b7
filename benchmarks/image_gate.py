"""What the real image gate costs a run once its verdicts are known: seconds with it over seconds without.

``python -m benchmarks.image_gate [ROUNDS]`` (5 rounds, a minute of one core). ``quality/gates`` is run,
one world under one policy, with the gate ``rules+cnn`` and with none in turn. Images, defects, recalls are
the same; the gate's own repeats are part of what it costs. First the verdicts are found, then they are kept:
*warm* is a process that has asked before, *cold* one that reads them from the disk.

Declared before the first run: the ratio of the medians, warm, is below GOAL. Exit code 1 where it is missed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from os import environ
from statistics import median
from time import process_time

from simgrid.domain.scenario import GateChoice, Scenario
from simgrid.experiments.assemble import run_once, setting_of
from simgrid.experiments.installed import installed
from simgrid.quality import verdicts
from simgrid.scenario import load

GOAL = 2.0
ROUNDS = 5
GATE = "rules+cnn"


def seconds(cell: Scenario) -> float:
    """Of one run; its world was drawn before."""
    began = process_time()
    run_once(cell, cell.policies[0], 0)
    return process_time() - began


def main(rounds: int) -> int:
    """Print the table and the line of JSON."""
    environ["SIMGRID_DATA"] = tempfile.mkdtemp(prefix="simgrid-verdicts-")
    cell = load("quality/gates", (), installed()).cells[0]
    gated, bare = (replace(cell, gate=GateChoice(name)) for name in (GATE, "none"))
    setting_of(gated, 0)
    first = seconds(gated)
    judged = verdicts.shared(GATE).judged
    warm, cold, without = [], [], []
    for _ in range(rounds):
        warm.append(seconds(gated))
        without.append(seconds(bare))
        verdicts.shared.cache_clear()
        cold.append(seconds(gated))
    ratios = {name: median(took) / median(without) for name, took in (("warm", warm), ("cold", cold))}
    print(f"first run: {first:.2f} s, {judged} different images judged")
    print(f"without the gate: {median(without):.3f} s")
    for name, took in (("warm", warm), ("cold", cold)):
        print(f"with it, {name}: {median(took):.3f} s, {ratios[name]:.2f} times (limit {GOAL:g})")
    print(json.dumps({"goal": GOAL, "ratios": ratios}))
    return 0 if ratios["warm"] < GOAL else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
