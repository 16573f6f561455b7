"""What it costs RWOA to take the first of equally good assignments, on the batches of its own runs.

``python -m benchmarks.first_of_best [SCENARIO] [WORLDS]``: every batch of the worlds of every cell is solved
both ways, in turn; CPU time, and how many answers are not proven first. Without arguments Table 1 in full.
"""

import json
import statistics
import sys
import time
from collections import Counter
from typing import Any

from simgrid.assignment import Answer, AssignmentProblem, solve
from simgrid.domain.scenario import PolicyChoice
from simgrid.experiments.assemble import run_journal
from simgrid.policies import rwoa
from simgrid.scenario import load


def batches(scenario: str, worlds: int | None) -> list[AssignmentProblem]:
    """The problems that RWOA hands to its solver; ``worlds`` None for as many as the scenario has."""
    problems: list[AssignmentProblem] = []

    def kept(problem: AssignmentProblem, *arguments: Any, **options: Any) -> Answer:
        problems.append(problem)
        return solve(problem, *arguments, **options)

    rwoa.solve = kept  # type: ignore[attr-defined]
    for cell in load(scenario).cells:
        for world in range(cell.replications if worlds is None else worlds):
            run_journal(cell, PolicyChoice("rwoa"), world)
    rwoa.solve = solve  # type: ignore[attr-defined]
    return problems


def main() -> None:
    """Print both medians and worsts, and the line of JSON."""
    scenario = sys.argv[1] if len(sys.argv) > 1 else "paper/table-1"
    problems = batches(scenario, int(sys.argv[2]) if len(sys.argv) > 2 else None)
    spent: dict[bool, list[float]] = {False: [], True: []}
    count: Counter[str] = Counter(batches=len(problems))
    for problem in problems:
        answers = []
        for first in (False, True):
            before = time.process_time()
            answers.append(solve(problem, node_limit=rwoa.NODE_LIMIT, canonical=first))
            spent[first].append(1000 * (time.process_time() - before))
        plain, canonical = answers
        count["another assignment"] += bool((plain.radiologist != canonical.radiologist).any())
        count["over a limit"] += bool(canonical.relaxed)
        count["not proven first"] += not canonical.first
    for first, name in ((False, "whichever is met"), (True, "the first")):
        ms = spent[first]
        print(f"{name:18}median {statistics.median(ms):.2f} ms, worst {max(ms):.1f} ms, sum {sum(ms):.0f} ms")
    ratio = round(sum(spent[True]) / sum(spent[False]), 3)
    print(json.dumps({"benchmark": "first_of_best", "scenario": scenario, "ratio": ratio, **count}))


if __name__ == "__main__":
    main()
