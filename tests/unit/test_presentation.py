"""Tables fit their width and say the right words; figures are the same bytes every time."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.scenario import Claim
from simgrid.experiments.replicate import replicate
from simgrid.experiments.study import Column, Study
from simgrid.presentation import wording
from simgrid.presentation.blocks import Block, as_markdown, as_text
from simgrid.presentation.figures import figure_files
from simgrid.presentation.tables import comparison_blocks
from simgrid.statistics.counts import quantile_interval
from tests.campaigns import asked, invented_run, scenario

CLAIMS = (
    Claim("rwoa", ("rbsm",), "workload_distance", "said before"),
    Claim("rbsm", ("rwoa",), "workload_distance"),
)


def make(folder: Path, cells: int = 1) -> Study:
    swept = [
        scenario(
            claims=CLAIMS,
            replications=5,
            storage_factor=1.0 + place,
            swept=(("workload_limit.slack", f"{1 + place / 10:g}"),) if cells > 1 else (),
        )
        for place in range(cells)
    ]
    return replicate(asked(*swept), folder, invented_run)


def with_open(study: Study, left: list[list[float]]) -> Study:
    """The same study where of 12 inspections ``left`` (cells x policies) stay open in every replication."""
    stay = np.broadcast_to(np.array(left)[..., None], study.values.shape[:3])
    columns = (
        *study.columns,
        Column("all", "reported", "inspections"),
        Column("all", "open_at_end", "inspections"),
    )
    values = np.concatenate([study.values, (12 - stay)[..., None], stay[..., None]], axis=-1)
    return replace(study, columns=columns, values=values)


def with_axes(study: Study, *sizes: int) -> Study:
    """The same numbers as a sweep along several axes."""
    names = tuple(f"place.axis_{axis}" for axis in range(len(sizes)))
    points: list[tuple[str, ...]] = [()]
    for size in sizes:
        points = [(*point, str(value)) for point in points for value in range(size)]
    return replace(study, design=replace(study.design, sweep_columns=names, points=tuple(points)))


@pytest.mark.parametrize("cells", [1, 3, 12])
def test_no_line_is_wider_than_the_terminal(tmp_path: Path, cells: int) -> None:
    blocks = comparison_blocks(make(tmp_path, cells))
    for width in (60, 80, 120):
        lines = as_text(blocks, width).splitlines()
        assert max(len(line) for line in lines) <= width
        assert not any(line != line.rstrip() for line in lines)


def test_a_table_that_is_too_wide_goes_on_below_with_its_keys() -> None:
    block = Block("T", ("key", "a" * 20, "b" * 20, "c" * 20), (("k", "1", "2", "3"),))
    lines = as_text([block], 50).splitlines()
    assert [line.split() for line in lines if line.startswith("k ")] == [["k", "1", "2"], ["k", "3"]]


def test_markdown_escapes_its_own_marks() -> None:
    assert "| a\\|b |" in as_markdown([Block("T", ("h",), (("a|b",),))])


def test_a_large_sweep_is_told_by_counts_and_in_full_on_request(tmp_path: Path) -> None:
    study = with_axes(make(tmp_path, 12), 3, 2, 2)
    text = as_text(comparison_blocks(study))
    assert "rwoa has a better workload distance D than rbsm: holds in 12 of 12 cells" in text
    assert "rbsm has a better workload distance D than rwoa: reversed in 12 of 12 cells" in text
    assert "axis_0" in text
    assert "Means over the replications" not in text
    assert "Means over the replications" in as_markdown(comparison_blocks(study, in_full=True))


def test_the_headings_of_the_comparison_name_the_baseline_asked_for(tmp_path: Path) -> None:
    text = as_text(comparison_blocks(make(tmp_path), "rwoa"))
    assert "compared with rwoa" in text
    assert "worse" in text


@pytest.mark.parametrize(
    ("bounds", "decimals"),
    [([(0.1, 0.15)], 3), ([(10.0, 34.0)], 0), ([(0.9, 0.94), (0.99, 0.991)], 4), ([], 3), ([(1.0, 1.0)], 3)],
)
def test_decimals_suit_the_intervals(bounds: list[tuple[float, float]], decimals: int) -> None:
    assert wording.places(bounds) == decimals


def test_numbers_as_text() -> None:
    nan = float("nan")
    assert wording.mean_and_half(0.5, 0.4, 0.6, 2) == "0.50 ± 0.10"
    assert wording.mean_and_half(0.5, nan, nan, 2) == "0.50"
    assert wording.mean_and_half(nan, nan, nan, 2) == "-"
    assert wording.mean_and_half(0.98, 0.93, 1.0, 3, 4, share=True) == "0.980 ± 0.050"  # cut off at 1
    assert wording.signed_interval(-0.5, -0.6, 0.4, 1) == "-0.5 [-0.6, +0.4]"
    assert [wording.change(ratio) for ratio in (1.43, 0.999, 0.5, nan)] == ["+43 %", "0 %", "-50 %", "-"]


def test_no_interval_of_no_width_is_shown_and_what_it_leaves_open_is_said(tmp_path: Path) -> None:
    study = make(tmp_path)
    alike = replace(study, values=np.broadcast_to(study.values[:, :1], study.values.shape))
    text = " ".join(as_text(comparison_blocks(alike, in_full=True), 120).split())
    assert "none in all 5" in text
    assert "[+0.000, +0.000]" not in text
    assert "with 95 % confidence up to 46 % of all such replications may have another" in text


@pytest.mark.parametrize(
    ("mean", "low", "high", "said"),
    [
        (1.0, 1.0, 1.0, ">0.999 (5 alike)"), (0.9998, 0.9992, 1.0, ">0.999 ± 0.001"),
        (0.9999, 0.9998, 1.0, ">0.999 ± <0.001"), (0.0001, 0.0, 0.0009, "<0.001 ± 0.001"),
        (0.85, 0.85, 0.85, "0.850 (5 alike)"), (0.0, 0.0, 0.0, "0.000 (5 alike)"),
    ],
)  # fmt: skip
def test_no_share_is_rounded_to_all_and_no_interval_to_certainty(
    mean: float, low: float, high: float, said: str
) -> None:
    assert wording.mean_and_half(mean, low, high, 3, 5, share=True) == said
    assert "±" not in wording.mean_and_half(12.0, 12.0, 12.0, 1, 5)


def test_figures_are_the_same_bytes_every_time(tmp_path: Path) -> None:
    study = make(tmp_path)
    first, second = figure_files(study), figure_files(study)
    assert set(first) == {"comparison.svg", "comparison.png"}
    assert first == second
    svg = first["comparison.svg"].decode()
    assert "<dc:date>" not in svg
    assert all(policy in svg for policy in study.design.policies)
    assert "response-time success" in svg
    assert first["comparison.png"].startswith(b"\x89PNG")


def test_a_sweep_of_several_axes_has_a_figure_for_each_primary_metric(tmp_path: Path) -> None:
    study = with_axes(make(tmp_path, 4), 2, 2)
    files = figure_files(study)
    assert {name for name in files if name.endswith(".svg")} == {
        "comparison-response-time-success.svg",
        "comparison-workload-distance.svg",
    }
    assert "place.axis_1 = 1" in files["comparison-workload-distance.svg"].decode()


def test_a_study_without_intervals_or_numbers_still_has_figures(tmp_path: Path) -> None:
    study = make(tmp_path)
    one = replace(study, values=study.values[:, :, :1], design=replace(study.design, replications=1))
    assert figure_files(one)
    gap = study.values.copy()
    gap[:, 0] = float("nan")
    assert figure_files(replace(study, values=gap))
    assert as_text(comparison_blocks(one))
    assert as_text(comparison_blocks(replace(study, values=gap)))


def test_a_sweep_with_excluded_points_keeps_its_axis(tmp_path: Path) -> None:
    study = with_axes(make(tmp_path, 4), 4, 1)
    points = (("0", "0"), ("1", "0"), ("2", "1"), ("0", "1"))
    assert figure_files(replace(study, design=replace(study.design, points=points)))


def test_scattered_points_have_tables_and_no_grid_of_panels(tmp_path: Path) -> None:
    study = make(tmp_path, 4)
    many = tuple((str(place), str(place), str(place)) for place in range(32))
    design = replace(study.design, points=many, sweep_columns=("a", "b", "c"))
    scattered = replace(study, design=design, values=study.values.repeat(8, axis=0))
    assert figure_files(scattered) == {}
    assert "32 cells" in as_text(comparison_blocks(scattered))


def test_what_nobody_reported_is_told_after_the_means(tmp_path: Path) -> None:
    study = with_open(make(tmp_path), [[8.0, 0.0, 0.02]])
    for told in (as_text(comparison_blocks(study), 120), as_markdown(comparison_blocks(study, in_full=True))):
        means, after = told.split(
            "Not everything was reported; times are means over the reported inspections"
        )
        assert "Means over the replications" in means
        assert "compared with random" not in means
        assert "rwoa: 8.0 of 12 inspections on average were not reported by the end." in after
        assert "random: 0.02 of 12 inspections on average were not reported by the end." in after
        assert "rbsm: " not in after.partition("compared with random")[0]
    drawn = figure_files(study)["comparison.svg"].decode()
    assert "Up to 8.0 inspections on average unreported: times leave them out." in drawn


@pytest.mark.parametrize("cells", [3, 12])
def test_a_sweep_tells_the_worst_cell_of_each_policy(tmp_path: Path, cells: int) -> None:
    left = [[0.0, 0.0, 0.0] for _ in range(cells)]
    left[0][0], left[2][0], left[1][1] = 3.0, 8.0, float("nan")
    study = with_open(make(tmp_path, cells), left)
    said = (
        "rwoa: 8.0 of 12 inspections on average were not reported by the end in its worst cell "
        f"(workload_limit.slack = 1.2); some in 2 of {cells} cells."
    )
    assert said in as_text(comparison_blocks(study), 200)
    assert said in as_markdown(comparison_blocks(study, in_full=True))
    assert "Up to 8.0 inspections" in figure_files(study)["comparison.svg"].decode()


def test_nothing_is_added_when_all_is_reported(tmp_path: Path) -> None:
    study = make(tmp_path)
    complete = with_open(study, [[0.0, 0.0, 0.0]])
    assert as_text(comparison_blocks(complete)) == as_text(comparison_blocks(study))
    assert figure_files(complete) == figure_files(study)


def paired_study(folder: Path) -> Study:
    """Twenty replications in which policies share the world's luck on two metrics and on one they do not."""
    study = replicate(asked(scenario(replications=20)), folder, invented_run)
    luck = np.random.default_rng(3).normal(size=study.values.shape[:3])
    values = np.concatenate([study.values, luck[..., None]], axis=-1)
    design = replace(study.design, primary=(*study.design.primary, "load_gini"))
    return replace(
        study, values=values, columns=(*study.columns, Column("all", "load_gini", "1")), design=design
    )


def test_pairing_that_did_not_help_is_said_on_screen(tmp_path: Path) -> None:
    said = " ".join(as_text(comparison_blocks(paired_study(tmp_path))).split())
    assert "Pairing helped in 2 of the 6 primary comparisons" in said
    assert "Pairing is not shown to help in 2 of the 6 primary comparisons" in said
    assert "load gini (rwoa, rbsm)" in said
    assert "The same difference in every replication in 2 of the 6 primary comparisons" in said


def test_the_long_table_has_a_line_for_each_primary_comparison(tmp_path: Path) -> None:
    study = paired_study(tmp_path)
    text = as_markdown(comparison_blocks(study, in_full=True))
    table = text.split("**All 6 primary comparisons at once**")[1].split("With 95 %")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == 6
    assert sum(line.endswith("| not shown to help |") for line in rows) == 2
    assert sum("| no limit | - | same difference in every replication |" in line for line in rows) == 2
    assert "All 6 primary comparisons at once" not in as_text(comparison_blocks(study))


def test_with_few_replications_no_gain_is_claimed(tmp_path: Path) -> None:
    said = " ".join(as_text(comparison_blocks(make(tmp_path))).split())
    assert (
        "Too few replications to say what it gained in 2 of the 4 primary comparisons: 10 are needed." in said
    )


def test_across_an_axis_its_values_are_named_with_it(tmp_path: Path) -> None:
    study = replace(paired_study(tmp_path), compared="variant")
    assert "load gini (variant rwoa, rbsm)" in " ".join(as_text(comparison_blocks(study)).split())


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (0.874, "0.87"),
        (1.0, "1.00"),
        (24.31, "24.3"),
        (1234.5, "over 1000"),
        (float("inf"), "no limit"),
        (np.nan, "-"),
    ],
)
def test_gains_are_said_with_the_digits_they_deserve(gain: float, said: str) -> None:
    assert wording.times(gain) == said


def test_what_held_in_19_of_20_replications_is_on_the_worse_side(tmp_path: Path) -> None:
    study = replicate(asked(scenario(replications=80)), tmp_path, invented_run)
    text = as_markdown(comparison_blocks(study, in_full=True)).split("**In 19 of 20")[1]
    line = next(line for line in text.splitlines() if line.startswith("| rwoa |"))
    success, distance = (re.findall(r"[\d.]+", cell) for cell in line.split("|")[2:4])
    for said, metric, level in (
        (success, "response_time_success", 0.05),
        (distance, "workload_distance", 0.95),
    ):
        values = study.values[0, 0, :, study.column(metric)]
        exact = quantile_interval(values, level)
        assert [float(one) for one in said] == pytest.approx(
            [exact.quantile, exact.low, exact.high], abs=6e-3
        )
    assert "In 19 of 20" not in as_text(comparison_blocks(study))


def test_a_few_replications_say_nothing_of_19_in_20(tmp_path: Path) -> None:
    study = replicate(asked(scenario(replications=20)), tmp_path, invented_run)
    assert "In 19 of 20" in as_markdown(comparison_blocks(study, in_full=True))
    few = replace(study, values=study.values[:, :, :19], design=replace(study.design, replications=19))
    assert "In 19 of 20" not in as_markdown(comparison_blocks(few, in_full=True))


def test_a_metric_without_values_or_without_end_is_left_out_of_19_in_20(tmp_path: Path) -> None:
    study = replicate(asked(scenario(replications=20)), tmp_path, invented_run)
    values = study.values.copy()
    values[0, 0, :, study.column("response_time_success")] = np.nan
    values[0, 1, 0, study.column("workload_distance")] = np.inf
    text = as_markdown(comparison_blocks(replace(study, values=values), in_full=True))
    table = text.split("**In 19 of 20")[1].split("**Response")[0]
    assert "workload" not in table
    assert [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| r")] == [
        "rbsm",
        "random",
    ]


def test_a_swept_place_is_told_by_the_shortest_ending_that_tells_it_apart(tmp_path: Path) -> None:
    study = replicate(asked(), tmp_path, invented_run)

    def short(*columns: str) -> tuple[str, ...]:
        return wording.short_names(replace(study, design=replace(study.design, sweep_columns=columns)))

    assert short("units.b.link.bandwidth") == ("bandwidth",)
    assert short("units.b.link.bandwidth", "dispatch.every") == ("bandwidth", "every")
    assert short("a.link.bandwidth", "b.link.bandwidth") == ("a.link.bandwidth", "b.link.bandwidth")
    assert short() == ()


def test_a_table_too_wide_by_its_first_column_has_it_as_sub_headings() -> None:
    words = "x" * 20
    rows = tuple((policy, value, words) for policy in ("a-long-policy", "b") for value in ("1", "2"))
    block = Block("Title", ("policy", "at", "words"), rows, keys=2)
    assert as_text([block], 80).splitlines()[4] == f"a-long-policy  1   {words}"
    assert as_text([block], 30).splitlines()[2:] == [
        "  at  words",
        f"  --  {'-' * 20}",
        "a-long-policy",
        f"  1   {words}",
        f"  2   {words}",
        "b",
        f"  1   {words}",
        f"  2   {words}",
    ]
