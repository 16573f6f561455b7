"""Which comparisons are decisions, what a claim's fate is, and what becomes of studies set side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.scenario import Claim
from simgrid.experiments.answers import claim_word, claimed, comparisons, summaries
from simgrid.experiments.combine import combine
from simgrid.experiments.csv_files import claims_csv, number
from simgrid.experiments.replicate import replicate
from simgrid.experiments.study import Study
from simgrid.statistics.decisions import holm
from tests.campaigns import asked, invented_run, scenario

CLAIMS = (
    Claim("rwoa", ("rbsm", "random"), "response_time_success", "highest of all"),
    Claim("rbsm", ("rwoa", "random"), "response_time_success"),
    Claim("rwoa", ("rbsm",), "workload_distance"),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    one = scenario(claims=CLAIMS, replications=12)
    return replicate(asked(one), tmp_path_factory.mktemp("study"), invented_run)


def test_only_primary_metrics_of_the_whole_are_decisions(study: Study) -> None:
    rows = comparisons(study)
    family = [row for row in rows if not np.isnan(row.p_holm)]
    assert {(row.column.group, row.column.metric) for row in family} == {
        ("all", "response_time_success"),
        ("all", "workload_distance"),
    }
    assert [row.p_holm for row in family] == pytest.approx(holm([row.p for row in family]).tolist())
    assert {row.word for row in family} == {"holds"}


def test_the_words_follow_the_corrected_p(study: Study) -> None:
    row = next(row for row in comparisons(study) if not np.isnan(row.p_holm))
    assert replace(row, p_holm=0.2).word == "cannot be told apart"


def test_a_claim_needs_every_pair_and_one_can_reverse_it(study: Study) -> None:
    pairs = claimed(study)
    fate = {n: claim_word([pair for pair in pairs if pair.number == n]) for n in (1, 2, 3)}
    assert fate == {1: "holds", 2: "reversed", 3: "holds"}
    assert [pair.comparison.word for pair in pairs if pair.number == 2] == ["reversed", "holds"]
    lines = claims_csv(study, pairs).splitlines()
    assert lines[0] == "claim,policy,against,metric,unit,difference,lo95,hi95,n,p_holm,verdict,note"
    assert lines[1].endswith(",12," + number(pairs[0].comparison.p_holm) + ",holds,highest of all")


def test_no_ratio_over_a_rate_that_may_be_zero(study: Study) -> None:
    place = study.column("response_time_success")
    base = study.design.policies.index("random")
    values = study.values.copy()
    values[:, base, :, place] = np.linspace(0.0, 0.03, 12)
    rows = comparisons(replace(study, values=values))
    rates = [row for row in rows if row.column.metric == "response_time_success"]
    assert all(np.isnan(row.ratio) for row in rates)
    assert not any(np.isnan(row.difference) for row in rates)


def test_undefined_replications_are_left_out_of_pairs(study: Study) -> None:
    place = study.column("response_time_success")
    values = study.values.copy()
    values[0, 0, :3, place] = np.nan
    values[0, 2, 11, place] = np.nan
    changed = replace(study, values=values)
    counts = {(row.policy, row.column.metric): row.n for row in summaries(changed)}
    assert counts["rwoa", "response_time_success"] == 9
    pairs = {(row.policy, row.column.metric): row.n for row in comparisons(changed)}
    assert pairs["rwoa", "response_time_success"] == 8
    assert pairs["rbsm", "response_time_success"] == 11


def test_studies_side_by_side_keep_their_numbers(study: Study, tmp_path: Path) -> None:
    fewer = scenario(replications=5, policies=scenario().policies[1:], claims=())
    other = replicate(asked(fewer), tmp_path, invented_run)
    both = combine({"one": study, "two": other})
    assert both.design.sweep_columns == ("study",)
    assert both.design.points == (("one",), ("two",))
    found = {(row.cell, row.policy, row.column): (row.mean, row.n) for row in summaries(both)}
    for cell, part in enumerate((study, other)):
        for row in summaries(part):
            assert found.pop((cell, row.policy, row.column)) == (pytest.approx(row.mean), row.n)
    assert not found
    assert combine({"one": study}) is study
