"""Ways of delivery, the viewer and priors as a scenario declares them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.priors import PriorFetching
from simgrid.domain.units import DAY
from simgrid.domain.viewing import Viewer
from simgrid.experiments.assemble import run_journal, run_once, setting_of
from simgrid.experiments.identity import cell_digest
from simgrid.scenario import load
from tests.unit.test_scenario_events import refused, underlined, written

PRIORS = "grid: {priors: {}}\n"


def test_the_defaults_are_the_stated_ones(tmp_path: Path) -> None:
    (cell,) = load(written(tmp_path, "grid: {priors: {}, viewer: {}}")).cells
    assert cell.grid.priors == PriorFetching()
    assert cell.grid.viewer == Viewer()
    assert cell.grid.delivery is None


def test_everything_declared(tmp_path: Path) -> None:
    text = """
grid:
  delivery: pull
  viewer: {delivery: streaming, first_images: 10, neighbours: 0, groups: 5}
  priors:
    {fetch: prefetch, last: 2, within: 365 d, same_modality: false, count: {mean: 3.0, sd: 4.0},
     age: {mean: 100 d, sd: 50 d}, relevant: 50 %, elsewhere: 10 %, archived: 90 %, own_modality: 20 %,
     modalities: {CT: 40 %, US: 60 %}}
studies: {US: {size: {constant: 30 MB}, images: 60}}
"""
    (cell,) = load(written(tmp_path, text)).cells
    assert cell.grid.delivery == "pull"
    assert cell.grid.viewer == Viewer(streaming=True, first_images=10, neighbours=0, groups=5)
    priors = cell.grid.priors
    assert priors is not None
    assert (priors.prefetch, priors.last, priors.within_s, priors.same_modality) == (
        True,
        2,
        365 * DAY,
        False,
    )
    rule = priors.rule
    assert (rule.count_mean, rule.count_sd, rule.age_mean_s, rule.age_sd_s) == (3, 4, 100 * DAY, 50 * DAY)
    shares = (rule.relevant_share, rule.elsewhere_share, rule.archived_share, rule.same_modality_share)
    assert shares == (0.5, 0.1, 0.9, 0.2)
    assert dict(rule.modality_share) == {"CT": 0.4, "US": 0.6}
    assert (rule.size_bytes["US"].mean, rule.images["US"], rule.images["CT"]) == (3e7, 60, 342)
    measured = {(one.group, one.metric) for one in run_once(cell, cell.policies[0], 0)}
    names = ("prior_fetches", "prior_ready_share", "first_image_p95_s", "stall_share", "sent_gb")
    assert {("all", name) for name in names} <= measured


def test_what_is_off_is_in_no_key(tmp_path: Path) -> None:
    cells = [
        load(written(tmp_path, text)).cells[0]
        for text in ("seed: 1", PRIORS, "grid: {viewer: {}}", "grid: {delivery: assigned}")
    ]
    (tiny,) = load("tiny/one-unit").cells
    digests = [cell_digest(cell) for cell in cells]
    assert digests[0] == cell_digest(tiny)
    assert len(set(digests)) == 4


def test_priors_belong_to_the_world_and_only_those_that_may_be_fetched_become_studies(tmp_path: Path) -> None:
    (on_demand,) = load(written(tmp_path, PRIORS)).cells
    (ahead,) = load(written(tmp_path, "grid: {priors: {fetch: prefetch}}")).cells
    asked, foreseen = (setting_of(cell, 0).priors for cell in (on_demand, ahead))
    assert asked is not None
    assert foreseen is not None
    assert len(asked.ahead.study) == 0 < len(foreseen.ahead.study)
    np.testing.assert_array_equal(asked.wanted.begin, foreseen.wanted.begin)
    numbers = np.unique(asked.wanted.study)
    rows = len(setting_of(on_demand, 0).studies)
    assert numbers.tolist() == list(range(rows, rows + len(asked.earlier)))
    assert np.diff(asked.wanted.begin).max() == 3
    assert asked.earlier.size_bytes.sum() > 0


def test_a_prefetch_hides_what_on_demand_waits_for(tmp_path: Path) -> None:
    (on_demand,) = load(written(tmp_path, "grid: {priors: {}}")).cells
    (ahead,) = load(written(tmp_path, "grid: {priors: {fetch: prefetch, same_modality: false}}")).cells
    late, soon = (run_journal(cell, cell.policies[0], 0) for cell in (on_demand, ahead))
    assert late.grid.priors is not None
    assert soon.grid.priors is not None
    assert late.grid.priors.ready == 0
    assert soon.grid.priors.ready > 0
    assert late.grid.priors.wanted == soon.grid.priors.wanted
    assert soon.inspections.stalled_s.sum() < late.inspections.stalled_s.sum()


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("grid: {delivery: push}", "E108", "push"),
        ("grid: {viewer: {delivery: streamed}}", "E108", "streamed"),
        ("grid: {viewer: {first_images: 0}}", "E107", "0"),
        ("grid: {viewer: {neighbors: 3}}", "E101", "neighbors"),
        ("grid: {priors: {fetch: ahead}}", "E108", "ahead"),
        ("grid: {priors: {within: 3}}", "E104", "3"),
        ("grid: {priors: {relevant: 61}}", "E104", "61"),
        ("grid: {priors: {count: {mean: 9.0, sd: 3.0}}}", "E107", "3.0"),
        ("grid: {priors: {count: {mean: -1.0}}}", "E107", "-1.0"),
        ("grid: {priors: {modalities: {CT: 50 %, CR: 40 %}}}", "E209", None),
        ("grid: {priors: {modalities: {CT: 50 %, US: 50 %}}}", "E102", "50 %"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, code: str, marked: str | None) -> None:
    (problem,) = refused(tmp_path, text)
    assert problem.code == code
    assert marked is None or underlined(problem) == marked
