"""Which comparisons are decisions, what a claim's fate is, and what becomes of studies set side by side."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.scenario import Claim
from simgrid.experiments.answers import claim_word, claimed, comparisons, summaries
from simgrid.experiments.combine import combine
from simgrid.experiments.csv_files import claims_csv, comparisons_csv, number
from simgrid.experiments.replicate import replicate
from simgrid.experiments.study import Column, Study
from simgrid.presentation.blocks import as_markdown, as_text
from simgrid.presentation.board.judging import judged, primary_aims
from simgrid.presentation.json_lines import study_lines
from simgrid.presentation.tables import comparison_blocks
from simgrid.statistics.decisions import holm
from simgrid.statistics.families import simultaneous
from simgrid.statistics.ratios import fieller
from tests.campaigns import asked, invented_run, scenario
from tests.reports import invented

SHARES = (("response_time_success", "1"), ("stall_share", "1"), ("utilisation", "1"), ("tat_mean_min", "min"))
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


def test_no_interval_of_a_share_passes_all_or_none_and_that_of_a_time_may(study: Study) -> None:
    """Student's would: from 0.9 and 1.0 it reaches beyond 1, and from 0.0 and 0.1 below 0."""
    few = invented(
        {},
        lambda _, r: (0.9 + 0.1 * (r % 2), 0.1 * (r % 2), 1.1 - 0.2 * (r % 2), 1.0 + 9.0 * (r % 2)),
        columns=[Column("all", name, unit) for name, unit in SHARES],
        replications=2,
    )
    found = {row.column.metric: row for row in summaries(few)}
    assert found["response_time_success"].high == 1.0 and found["response_time_success"].low < 0.9
    assert found["stall_share"].low == 0.0 and found["stall_share"].high > 0.1
    assert found["utilisation"].high > 1.1  # reading beyond the rostered hours
    assert found["tat_mean_min"].low < 0.0
    means = {row.column.metric: row.mean for row in summaries(few)}
    assert means == pytest.approx(
        {"response_time_success": 0.95, "stall_share": 0.05, "utilisation": 1.0, "tat_mean_min": 5.5}
    )
    (aim,) = (one for one in primary_aims(few) if one.name == "response-time success")
    figures = judged(few, [aim]).figures[0][0]
    assert figures is not None and figures[0].high == 1.0


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


def test_every_comparison_says_whether_it_was_declared(study: Study) -> None:
    rows = comparisons(study)
    assert {row.role for row in rows if np.isnan(row.p_holm)} == {"descriptive"}
    assert {row.role for row in rows if not np.isnan(row.p_holm)} == {"primary"}
    assert {pair.comparison.role for pair in claimed(study)} == {"claim"}


def test_only_the_primary_family_has_bounds_for_all_at_once(study: Study) -> None:
    rows = comparisons(study)
    family = [row for row in rows if row.role == "primary"]
    expected = simultaneous(
        [
            (values[study.design.policies.index(row.policy)] - values[2])[:, study.columns.index(row.column)]
            for values in (study.values[0],)
            for row in family
        ],
        study.design.seed,
    )
    assert [row.low_all for row in family] == pytest.approx(expected.low.tolist())
    assert [row.high_all for row in family] == pytest.approx(expected.high.tolist())
    assert all(row.low_all < row.low and row.high < row.high_all for row in family if row.low < row.high)
    assert all(np.isnan(row.low_all) for row in rows if row.role == "descriptive")


def test_the_gain_of_pairing_is_that_of_the_pairs(study: Study) -> None:
    place = study.columns.index(next(one for one in study.columns if one.metric == "tat_mean_min"))
    row = next(one for one in comparisons(study) if one.column.metric == "tat_mean_min")
    a, b = study.values[0, study.design.policies.index(row.policy)][:, place], study.values[0, 2][:, place]
    assert row.gain == pytest.approx((a.var() + b.var()) / (a - b).var())
    assert row.gain_low < row.gain < row.gain_high
    assert row.pairing == "helped"


def test_arms_that_differ_by_a_constant_have_no_limit_to_their_gain(study: Study) -> None:
    rows = [row for row in comparisons(study) if row.column.metric == "workload_distance"]
    assert {row.pairing for row in rows} == {"same difference in every replication"}
    lines = comparisons_csv(study, rows).splitlines()
    assert all(line.endswith(",inf,,") for line in lines[1:])


def test_the_ratio_has_fiellers_interval_and_eq_10_that_of_the_distances(study: Study) -> None:
    place = study.column("workload_distance")
    noisy = study.values.copy()
    noisy[..., place] *= np.random.default_rng(1).gamma(9, 1 / 9, noisy.shape[:-1])
    changed = replace(study, values=noisy)
    for row in comparisons(changed):
        if row.column.group != "all" or row.column.metric == "response_time_success":
            continue
        a, b = noisy[0, study.design.policies.index(row.policy), :, place], noisy[0, 2, :, place]
        expected = fieller(b, a) if row.column.metric == "workload_success" else fieller(a, b)
        assert [row.ratio, row.ratio_low, row.ratio_high] == pytest.approx(
            [float(expected.ratio), float(expected.low), float(expected.high)]
        )


def test_a_baseline_that_may_be_zero_has_no_ratio(study: Study) -> None:
    values = study.values.copy()
    place = study.columns.index(next(one for one in study.columns if one.metric == "tat_mean_min"))
    values[0, 2, :, place] = np.linspace(-3.0, 4.0, 12)
    rows = comparisons(replace(study, values=values))
    assert all(
        np.isnan([row.ratio, row.ratio_low]).all() for row in rows if row.column.metric == "tat_mean_min"
    )


def test_csv_and_json_say_the_same(study: Study) -> None:
    rows = comparisons(study)
    table = list(csv.DictReader(io.StringIO(comparisons_csv(study, rows))))
    lines = [json.loads(line) for line in study_lines(study)]
    told = [line for line in lines if line["table"] == "comparisons"]
    assert len(table) == len(told) == len(rows)
    for cells, line, row in zip(table, told, rows, strict=True):
        assert cells["role"] == line["role"] == row.role
        assert cells["verdict"] == line["verdict"] == row.word
        assert line["pairing"] == row.pairing
        for name in (
            "lo_sim",
            "hi_sim",
            "ratio_lo95",
            "ratio_hi95",
            "pairing_gain",
            "gain_lo95",
            "gain_hi95",
        ):
            if line[name] is None:
                assert cells[name] in ("", "inf")
            else:
                assert float(cells[name]) == pytest.approx(line[name], rel=1e-9)


def test_what_cannot_be_told_apart_is_said_in_every_form(study: Study) -> None:
    values = study.values.copy()
    values[0, 0] = values[0, 2]
    values[0, 0, ::2] += 1e-3
    values[0, 0, 1::2] -= 1e-3
    changed = replace(study, values=values, design=replace(study.design, policies=("rwoa", "rbsm", "random")))
    word = "cannot be told apart"
    assert f"primary,{word}," in comparisons_csv(changed, comparisons(changed))
    assert f'"verdict": "{word}"' in "".join(study_lines(changed))
    assert f",{word}," in claims_csv(changed, claimed(changed))
    for in_full in (True, False):
        blocks = comparison_blocks(changed, in_full=in_full)
        assert word in as_text(blocks)
        assert word in as_markdown(blocks)
