"""K10: how batches of the study's sizes are made and what counts as decided; lp_solve where it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simgrid.assignment import AssignmentProblem, certify, solve
from simgrid.assignment.lp_solve import solve_peer
from simgrid.cli.main import cli
from simgrid.experiments.assemble import setting_of
from simgrid.reproduction.evidence import kept
from simgrid.reproduction.experiments import EXPERIMENTS
from simgrid.reproduction.reference import reference_folder
from simgrid.reproduction.solver_behaviour import (
    CHUNK,
    LIMITS,
    SIZES,
    UNDECIDED,
    WAYS,
    Batch,
    batches_of,
    chunked,
    ours,
    relaxed,
    whole,
)
from simgrid.scenario import load

WORLDS = EXPERIMENTS["solver-behaviour"].worlds
RNG = np.random.default_rng(10)


def batch(rows: int, slack: float = 1.05, plus_largest: bool = True) -> Batch:
    """Three radiologists with ratings of their own, efforts of three kinds."""
    rating = RNG.uniform(0.1, 1.0, (rows, 3))
    return Batch("made up", rating, RNG.choice([7.0, 14.2, 17.1], rows), slack, plus_largest)


def test_the_declared_batches_of_a_world_of_stage_2() -> None:
    few = ("demand.count=230", "demand.mix.counts={CT: 227, MR: 2, CR: 1}", "horizon=14 d")
    cell = load(WORLDS.scenario, (*WORLDS.overrides, *few)).cells[0]
    setting = setting_of(replace(cell, belief=None, canonical=""), 0)
    made = list(batches_of(setting))
    assert [one.name for one in made] == [f"{size} {limits}" for size in (215, 23) for limits in LIMITS]
    usual, tight, _, last = made
    assert usual.rating.shape == (215, 9)
    total = setting.inspections.of_kind("effort_min")[:215].sum()
    assert tight.problem(tight.slack, tight.plus_largest).effort_limit.sum() == pytest.approx(total)
    limit = usual.problem(usual.slack, usual.plus_largest).effort_limit
    np.testing.assert_allclose(limit, 1.05 * total / 9 + usual.effort.max())
    np.testing.assert_array_equal(last.rating, usual.rating[:23])
    assert SIZES[2:] == (round(4738 / 22), round(1464 / 65))


def test_lp_solve_finds_what_ours_finds(tool: Callable[[str], str]) -> None:
    tool("lp_solve")
    for rows in (3, 8, 15):
        problem = batch(rows).problem(1.05, True)
        peer, own = solve_peer(problem, 10.0), solve(problem)
        assert peer.ended == "optimal"
        assert peer.cpu_s > 0
        chosen = problem.rating[np.arange(rows), peer.radiologist].sum()
        assert chosen == pytest.approx(own.objective)
        load = np.bincount(peer.radiologist, problem.effort, minlength=3)
        assert (load <= problem.effort_limit * (1 + 1e-9)).all()
        assert certify(problem, own).valid


def test_what_no_assignment_keeps_is_infeasible_and_what_takes_long_is_out_of_time(
    tool: Callable[[str], str],
) -> None:
    tool("lp_solve")
    impossible = AssignmentProblem(np.ones((3, 2)), np.full(3, 2.0), np.full(2, 2.5))
    ended = solve_peer(impossible, 10.0)
    assert (ended.ended, ended.radiologist.tolist()) == ("infeasible", [-1, -1, -1])
    rng = np.random.default_rng(1)
    rating, effort = rng.uniform(size=(60, 9)), rng.uniform(5.0, 20.0, 60)
    tight = AssignmentProblem(rating, effort, np.full(9, effort.sum() / 9))
    assert solve_peer(tight, 1.0).ended == "out of time"


def test_ways_of_deciding_a_batch(tool: Callable[[str], str]) -> None:
    tool("lp_solve")
    easy = batch(CHUNK + 5)
    assert [way(easy).decided for way in (whole, relaxed, chunked, ours)] == [True] * 4
    # Equal efforts that three cannot share equally: the whole has no solution, relaxed it has, and chunks
    # fail at the last; our solver exceeds one limit by as little as need be.
    rows = CHUNK + 6
    uneven = Batch("uneven", RNG.uniform(0.1, 1.0, (rows, 3)), np.full(rows, 10.0), 1.0, False)
    assert rows % 3
    assert [way(uneven).decided for way in (whole, relaxed, chunked, ours)] == [False, True, False, True]


def test_the_seconds_of_a_batch_are_for_all_its_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    from simgrid.assignment.lp_solve import Peer

    given: list[float] = []

    def slow(problem: AssignmentProblem, cpu_s: float) -> Peer:
        given.append(cpu_s)
        return Peer("optimal", np.zeros(problem.shape[0], dtype=np.int64), 2.0)

    monkeypatch.setattr("simgrid.reproduction.solver_behaviour.solve_peer", slow)
    tried = chunked(batch(10 * CHUNK))
    assert given == [5.0, 3.0, 1.0]
    assert (tried.decided, tried.cpu_s) == (False, 6.0)


def test_other_settings_make_what_is_stored_stale() -> None:
    assert kept(WORLDS, reference_folder()) is not None
    assert kept(replace(WORLDS, settings=WORLDS.settings + " "), reference_folder()) is None


def test_every_way_and_batch_is_stored() -> None:
    found = kept(WORLDS, reference_folder())
    assert found is not None
    batches = [f"{size} {limits}" for size in SIZES for limits in LIMITS]
    rows = found.values[UNDECIDED]
    assert set(rows) == {*WAYS, *(f"{way}, {one}" for way in WAYS for one in batches)}
    for way in WAYS:
        each = np.mean([rows[f"{way}, {one}"] for one in batches], axis=0)
        np.testing.assert_allclose(rows[way], each)


def test_without_lp_solve_what_is_stored_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgrid.reproduction.experiments.shutil.which", lambda name: None)
    done = CliRunner().invoke(cli, ["reproduce", "K10", "--full", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "everything is stored" in done.stderr
    assert "(stored)" in done.stdout
