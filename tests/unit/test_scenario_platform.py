"""Data platform, streaming, monitoring and their faults as a scenario declares them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.domain.data_platform import DataPlatform, Streaming
from simgrid.domain.events import LinkLimit, PlatformDown
from simgrid.domain.grid import Monitoring
from simgrid.domain.units import HOUR
from simgrid.experiments.assemble import run_once
from simgrid.experiments.identity import cell_digest
from simgrid.scenario import load
from tests.unit.test_scenario_events import AT_NINE, events, refused, underlined, written

PLATFORM = "data_centre: {platform: {}}\n"


def test_what_is_not_declared_costs_nothing(tmp_path: Path) -> None:
    (cell,) = load(written(tmp_path, PLATFORM)).cells
    assert cell.data_centre.platform == DataPlatform()
    assert cell.data_centre.platform.shards == 16


def test_everything_declared(tmp_path: Path) -> None:
    text = """
data_centre:
  platform:
    {shards: 4, master: 1 ms, insert: 20 ms, query: 5 ms, disk: 800 Mbit/s, recent: 1 TB,
     frequent_queries: 100}
clients:
  phone:
    {link: {bandwidth: 2 Mbit/s}, retrievals: 6 /h, size: {constant: 50 MB}, of_last: 30 d,
     streaming: {images: 300}}
grid: {monitoring: {every: 5 min, bandwidth: free}}
"""
    (cell,) = load(written(tmp_path, text)).cells
    assert cell.data_centre.platform == DataPlatform(4, 0.001, 0.02, 0.005, 8e8, 1e12, 100)
    assert cell.data_centre.platform.disk_s_per_byte == pytest.approx(1e-8)
    assert (cell.clients[0].streaming, cell.clients[0].of_last_s) == (Streaming(10.0, 300), 30 * 24 * HOUR)
    assert cell.grid.monitoring == Monitoring(300.0, "free")
    measured = {(one.group, one.metric) for one in run_once(cell, cell.policies[0], 0)}
    assert {("all", "shard_p95_ms"), ("all", "retrieval_first_image_p95_s")} <= measured
    assert ("link=desk/down", "link_utilisation") in measured


def test_what_is_off_is_in_no_key(tmp_path: Path) -> None:
    plain, on = (load(written(tmp_path, text)).cells[0] for text in ("seed: 1", PLATFORM))
    (tiny,) = load("tiny/one-unit").cells
    assert cell_digest(plain) == cell_digest(tiny) != cell_digest(on)


def test_a_shard_that_is_down(tmp_path: Path) -> None:
    found = events(tmp_path, f"{PLATFORM}events: [{{{AT_NINE}, for: 1 h, shard_down: 3}}]")
    assert found == (PlatformDown(3, HOUR, 2 * HOUR),)


def test_the_data_centre_is_link_and_platform(tmp_path: Path) -> None:
    down = f"events: [{{{AT_NINE}, for: 1 h, data_centre_down: true}}]"
    link = LinkLimit("data-centre", HOUR, 2 * HOUR)
    assert events(tmp_path, down) == (link,)
    assert events(tmp_path, PLATFORM + down) == (link, PlatformDown(None, HOUR, 2 * HOUR))


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        (f"events: [{{{AT_NINE}, for: 1 h, shard_down: 3}}]", "E201", "3"),
        (f"{PLATFORM}events: [{{{AT_NINE}, for: 1 h, shard_down: 16}}]", "E201", "16"),
        (f"{PLATFORM}events: [{{{AT_NINE}, for: 1 h, shard_down: -1}}]", "E107", "-1"),
        (f"events: [{{{AT_NINE}, for: 1 h, data_centre_down: false}}]", "E108", "false"),
        (f"events: [{{{AT_NINE}, for: 1 h, data_centre_down: true, link_down: desk}}]", "E112", None),
        ("data_centre: {platform: {shards: 0}}", "E107", "0"),
        ("data_centre: {platform: {disk: 800}}", "E104", "800"),
        ("data_centre: {platform: {insert: -1 s}}", "E107", "-1 s"),
        ("data_centre: {platform: {recent: 20 min}}", "E103", "20 min"),
        ("data_centre: {shards: 16}", "E101", "shards"),
        ("grid: {monitoring: {bandwidth: all}}", "E108", "all"),
        ("grid: {monitoring: {every: 5}}", "E104", "5"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, code: str, marked: str | None) -> None:
    (problem,) = refused(tmp_path, text)
    assert problem.code == code
    assert marked is None or underlined(problem) == marked


def test_the_way_out_names_the_shards(tmp_path: Path) -> None:
    small = f"data_centre: {{platform: {{shards: 4}}}}\nevents: [{{{AT_NINE}, for: 1 h, shard_down: 4}}]"
    assert refused(tmp_path, small)[0].help == "the shards are 0 to 3"
