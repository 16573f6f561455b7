"""What may be asked, what identifies a policy's source, and what a cut-short scenario is."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import replace
from pathlib import Path

import pytest

from simgrid.domain.demand import Arrivals
from simgrid.domain.scenario import Claim, PolicyChoice
from simgrid.experiments.campaign import CannotBeAsked, campaign
from simgrid.experiments.identity import cell_digest, policy_source_hash
from simgrid.experiments.parallel import WorkerLost
from simgrid.experiments.replicate import replicate, take_stock
from simgrid.experiments.smoke import cut_short
from simgrid.policies.rwoa import Rwoa
from tests.campaigns import asked, dying_run, invented_run, scenario


def test_every_problem_of_a_question_at_once() -> None:
    labels = ("rwoa", "rwoa", "rwao", "rbsm@nonsense")
    one = scenario(
        policies=tuple(map(PolicyChoice.parse, labels)),
        baseline="manual",
        claims=(Claim("x", ("rwoa",), "m"),),
    )
    with pytest.raises(CannotBeAsked) as refused:
        campaign((one,))
    said = str(refused.value)
    assert "'rwoa' is declared 2 times" in said
    assert "rwao" in said
    assert "nonsense" in said
    assert "baseline: 'manual' is not among the policies" in said
    assert "claims: 'x'" in said


def test_cells_must_compare_the_same_policies() -> None:
    other = scenario(policies=scenario().policies[::-1])
    with pytest.raises(CannotBeAsked, match="every cell"):
        campaign((scenario(), other))


def test_a_policys_source_is_the_file_that_defines_it() -> None:
    file = Path(str(inspect.getsourcefile(Rwoa)))
    assert policy_source_hash(PolicyChoice("rwoa")) == hashlib.sha256(file.read_bytes()).hexdigest()
    sources = dict(campaign((scenario(),)).sources)
    assert sources["rwoa"] == policy_source_hash(PolicyChoice("rwoa"))
    assert len(set(sources.values())) == 3


def test_tasks_of_one_world_are_neighbours() -> None:
    tasks = list(asked(scenario(replications=2)).tasks())
    assert [(task.replication, task.policy.label) for task in tasks] == [
        (world, policy) for world in (0, 1) for policy in ("rwoa", "rbsm", "random")
    ]
    assert len({task.key for task in tasks}) == 6


def test_a_killed_worker_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    with pytest.raises(WorkerLost, match="finished runs are kept"):
        replicate(asked(), tmp_path, dying_run, jobs=2)
    assert all(path.suffix == ".json" for path in (tmp_path / "runs").iterdir())
    study = replicate(asked(), tmp_path, invented_run, jobs=2)
    assert len(take_stock(asked(), tmp_path).stored) == 12
    assert study.values.shape == (1, 3, 4, 4)


def test_a_cut_short_scenario_is_small_and_another_by_key() -> None:
    counted = cut_short(scenario(replications=60))
    assert (counted.replications, counted.demand.arrivals.count) == (2, 10)
    many = scenario(demand=replace(scenario().demand, arrivals=Arrivals(3600.0, count=100)))
    assert cut_short(many).demand.arrivals.count == 12
    assert cell_digest(cut_short(many)) != cell_digest(many)
    assert cut_short(many).canonical != many.canonical


def test_a_cut_short_rate_keeps_a_day_and_a_dozen() -> None:
    week = Arrivals(7 * 86400.0, per_day={"a": 30.0, "b": 10.0})
    one = scenario(horizon_s=7 * 86400.0, demand=replace(scenario().demand, arrivals=week))
    short = cut_short(one).demand.arrivals
    assert short.within_s == 86400.0
    assert sum(short.per_day.values()) == pytest.approx(12)
    assert short.per_day["a"] == pytest.approx(3 * short.per_day["b"])
