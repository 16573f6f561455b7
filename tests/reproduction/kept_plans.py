"""The worked plan that is kept: its answer, and the weeks behind it that the notebook computes anew.

``simgrid plan planning/study-unit -j 2 -o results``, then
``python -m tests.reproduction.kept_plans results/study-unit-HASH``, writes ``results/planning``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simgrid.experiments.atomic import write_text
from simgrid.experiments.campaign import Keys
from simgrid.experiments.identity import policy_source_hash
from simgrid.experiments.installed import installed
from simgrid.experiments.store import RunStore
from simgrid.experiments.workloads import identified
from simgrid.planning.observing import unseen
from simgrid.planning.space import Plan, deployed, plans
from simgrid.scenario import load

KEPT = Path(__file__).parents[2] / "results" / "planning"
NAME = "study-unit"
METRICS = ("target.required", "target.required.inspections")


def answered() -> Any:
    """The answer that is kept."""
    return json.loads((KEPT / f"{NAME}-plan.json").read_text(encoding="utf-8"))


def looked_at(answer: Any) -> Iterator[tuple[str, Plan]]:
    """The scenario as deployed, and the plan that was found."""
    loaded = load(f"planning/{NAME}", (), installed(), planned=True)
    yield "deployed", deployed(loaded)
    yield from (("plan", one) for one in plans(loaded) if dict(one.values) == answer["plan"])


def weeks(folder: Path, answer: Any) -> Iterator[str]:
    """One line a week: the share in time under the test's seeds and of how many, as the folder has them."""
    store = RunStore(folder / "runs")
    for which, plan in looked_at(answer):
        cell = unseen(identified(plan.cell))
        policy = cell.policies[0]
        keys = Keys(cell, {policy.name: policy_source_hash(policy)})
        replication = 0
        while (run := store.load(keys.of(policy, replication))) is not None:
            measured = {one.metric: one.value for one in run.measurements if one.group == "all"}
            share, of = (measured[name] for name in METRICS)
            yield f"{which},{replication},{share!r},{of:.0f}"
            replication += 1


def main(folder: Path) -> None:
    answer = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    lines = ["which,replication,required,inspections", *weeks(folder, answer)]
    write_text(KEPT / f"{NAME}-plan.json", json.dumps(answer, indent=1, ensure_ascii=False) + "\n")
    write_text(KEPT / f"{NAME}-weeks.csv", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
