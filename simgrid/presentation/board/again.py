"""``plan.json`` and ``stress.json`` made again from the runs behind them; nothing is simulated.

Searching and judging are the same for the same values of the runs, so whoever has these values has the
objects. Which runs are asked for, and in which order, follows from the values as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import PREFIX
from simgrid.experiments.campaign import Task, campaign
from simgrid.experiments.identity import asked_digest, policy_source_hash
from simgrid.experiments.installed import installed, load_stored
from simgrid.experiments.store import RunStore
from simgrid.experiments.verifying import CannotBeCompared
from simgrid.experiments.workloads import identified
from simgrid.planning.answer import answer
from simgrid.planning.busiest import traffic
from simgrid.planning.judging import SHOWN, TURNAROUND
from simgrid.planning.loading import COUNTED
from simgrid.planning.observed import Runs
from simgrid.planning.observing import Observatory
from simgrid.planning.recovery import EXTRA_BACKLOG, EXTRA_WAIT, RECOVERY
from simgrid.planning.space import NoPlans, deployed, plans
from simgrid.planning.stress import stress
from simgrid.presentation.plan_json import plan_object
from simgrid.presentation.stress_json import stress_facts
from simgrid.scenario import load

_JUDGED = frozenset({*SHOWN, TURNAROUND, RECOVERY, EXTRA_WAIT, EXTRA_BACKLOG, *chain(*COUNTED)})


def looked_at(metric: str) -> bool:
    """Whether a plan looks at this metric."""
    return metric.startswith(PREFIX)


def stressed(metric: str) -> bool:
    """Whether a stress test looks at this metric."""
    return metric in _JUDGED or looked_at(metric)


def plan_again(file: Path, store: RunStore) -> dict[str, Any]:
    """The object of ``plan.json`` of a resolved scenario.

    :raises CannotBeCompared: the store lacks a run. :raises ScenarioInvalid: the scenario cannot be built.
    """
    loaded = load(file, (), installed(), planned=True, warned=False)
    try:
        now = deployed(loaded)
        made = tuple(replace(one, cell=identified(one.cell)) for one in plans(loaded))
    except NoPlans as error:
        raise CannotBeCompared(f"the report's scenario asks for no plan: {error}") from None
    now = replace(now, cell=identified(now.cell))
    asked = now.cell.plan
    if asked is None:
        raise CannotBeCompared("the report's scenario asks for no plan")
    choices = {one.cell.policies[0].name: one.cell.policies[0] for one in made}
    sources = {name: policy_source_hash(choice) for name, choice in choices.items()}
    seen = Observatory(asked.meet, sources, store, _not_there, _untold)
    return plan_object(answer(made, now, asked, seen), seen.keys(), asked_digest(now.cell))


def stress_again(file: Path, told: Mapping[str, Any], store: RunStore) -> dict[str, Any]:
    """The object of ``stress.json``; of ``told`` its policy and replications. Raises as ``plan_again``."""
    asked = campaign(load_stored(file).cells[:1])
    cell = asked.cells[0]
    choice = next((one for one in cell.policies if one.label == told.get("policy")), None)
    if choice is None:
        raise CannotBeCompared("the report's scenario has no such policy as its stress test")
    replications = told.get("n")
    if not isinstance(replications, int) or replications < 1:
        raise CannotBeCompared("the report's stress test has no replications")
    runs = Runs(choice, dict(asked.sources)[choice.name], store, _none_there, _untold)
    return stress_facts(stress(cell, traffic(cell), runs, replications, _untold))


def _not_there(cells: Sequence[Scenario], tasks: Sequence[Task]) -> None:
    raise CannotBeCompared(f"{len(tasks)} runs that it rests on are not kept")


def _none_there(cells: Sequence[Scenario], tasks: Sequence[Task], run: object) -> None:
    _not_there(cells, tasks)


def _untold(said: str) -> None:
    """Nobody listens."""
