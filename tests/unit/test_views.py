"""A study along another axis and of one group: the same numbers in another order, paired as they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.experiments.answers import comparisons, summaries
from simgrid.experiments.combine import combine
from simgrid.experiments.csv_files import comparisons_csv
from simgrid.experiments.replicate import replicate
from simgrid.experiments.study import Column, Study
from simgrid.experiments.views import NotInStudy, across, of_group
from simgrid.presentation.blocks import as_text
from simgrid.presentation.figures import figure_files
from simgrid.presentation.json_lines import study_lines
from simgrid.presentation.tables import comparison_blocks
from simgrid.statistics.intervals import paired
from tests.campaigns import asked, invented_run, scenario

POINTS = (("base", "2"), ("base", "8"), ("down", "2"), ("down", "8"))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Two variants at two bandwidths, with numbers that tell every place apart."""
    cells = [
        scenario(
            replications=6, storage_factor=1.0 + place, swept=(("variant", at[0]), ("link.bandwidth", at[1]))
        )
        for place, at in enumerate(POINTS)
    ]
    made = replicate(asked(*cells), tmp_path_factory.mktemp("views"), invented_run)
    values = np.random.default_rng(3).random(made.values.shape)
    values[2:] += 5.0
    return replace(made, values=values)


def test_values_of_the_axis_stand_where_policies_stood(study: Study) -> None:
    seen = across(study, "variant")
    assert seen.design.policies == ("base", "down")
    assert (seen.design.baseline, seen.compared) == ("base", "variant")
    assert seen.design.sweep_columns == ("policy", "link.bandwidth")
    for cell, (policy, bandwidth) in enumerate(seen.design.points):
        who = study.design.policies.index(policy)
        for place, variant in enumerate(seen.design.policies):
            there = POINTS.index((variant, bandwidth))
            assert np.array_equal(seen.values[cell, place], study.values[there, who])
            assert seen.keys[cell][place] == study.keys[there][who]


def test_differences_are_those_of_the_pairs(study: Study) -> None:
    rows = comparisons(across(study, "variant"))
    row = rows[0]
    place = study.columns.index(row.column)
    found = paired(study.values[2, 0, :, place], study.values[0, 0, :, place])
    assert (row.policy, row.baseline) == ("down", "base")
    assert row.difference == pytest.approx(float(found.difference))
    assert row.low == pytest.approx(float(found.low))


def test_a_single_policy_is_no_column(study: Study) -> None:
    design = replace(study.design, policies=study.design.policies[:1])
    one = replace(
        study, design=design, values=study.values[:, :1], keys=tuple(cell[:1] for cell in study.keys)
    )
    seen = across(one, "link.bandwidth")
    assert seen.design.sweep_columns == ("variant",)
    assert seen.design.points == (("base",), ("down",))
    assert seen.design.policies == ("2", "8")


def test_a_point_that_was_left_out_is_undefined(study: Study) -> None:
    design = replace(study.design, points=study.design.points[:3])
    three = replace(study, design=design, values=study.values[:3], keys=study.keys[:3])
    seen = across(three, "variant")
    lacking = [row for row, point in enumerate(seen.design.points) if point[1] == "8"]
    assert np.isnan(seen.values[lacking, 1]).all()
    assert not np.isnan(seen.values[lacking, 0]).any()
    assert {row.cell for row in comparisons(seen)}.isdisjoint(lacking)


@pytest.mark.parametrize(("axis", "said"), [("variants", "variant, link.bandwidth"), ("study", "variant")])
def test_an_axis_that_is_not_there_is_named_with_those_that_are(study: Study, axis: str, said: str) -> None:
    with pytest.raises(NotInStudy, match=said):
        across(combine({"one": study, "two": study}), axis)


def test_an_axis_of_one_value_compares_nothing(study: Study) -> None:
    points = tuple(("base", bandwidth) for _, bandwidth in POINTS)
    with pytest.raises(NotInStudy, match="one value only"):
        across(replace(study, design=replace(study.design, points=points)), "variant")


def test_seeds_are_no_pairs(study: Study) -> None:
    swept = replace(study, design=replace(study.design, sweep_columns=("seed", "link.bandwidth")))
    with pytest.raises(NotInStudy, match="worlds of its own"):
        across(swept, "seed")


def test_one_group_has_its_own_family(study: Study) -> None:
    whole = [place for place, column in enumerate(study.columns) if column.group == "all"]
    study = replace(
        study, columns=tuple(study.columns[place] for place in whole), values=study.values[..., whole]
    )
    columns = tuple(Column("urgency=urgent", one.metric, one.unit) for one in study.columns)
    both = replace(
        study,
        columns=(*study.columns, *columns),
        values=np.concatenate([study.values, study.values + 1.0], axis=-1),
    )
    urgent = of_group(both, "urgency=urgent")
    assert urgent.columns == columns
    assert np.array_equal(urgent.values, study.values + 1.0)
    family = [row for row in comparisons(urgent) if not np.isnan(row.p_holm)]
    assert {row.column.group for row in family} == {"urgency=urgent"}
    assert {row.column.group for row in summaries(urgent)} == {"urgency=urgent"}
    with pytest.raises(NotInStudy, match="groups are: all, urgency=urgent"):
        of_group(both, "urgent")


def test_tables_csv_json_and_figures_call_it_by_its_name(study: Study) -> None:
    columns = tuple(Column("urgency=urgent", one.metric, one.unit) for one in study.columns)
    seen = across(of_group(replace(study, columns=columns), "urgency=urgent"), "variant")
    said = as_text(comparison_blocks(seen), 120)
    assert "compared with base" in said
    assert "2 values of variant x 6 paired replications" in said
    assert "Of the inspections with urgency=urgent only." in said
    assert comparisons_csv(seen, comparisons(seen)).startswith("variant,baseline,policy,link.bandwidth,")
    assert "subspecialty success" not in said  # measured, and not primary
    assert '"variant": "down"' in "".join(study_lines(seen))
    assert {name.rpartition(".")[2] for name in figure_files(seen)} == {"svg", "png"}
