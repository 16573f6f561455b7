"""The whole journal as tables: complete, the same with and without, and true to ``completion_times``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simgrid.domain.observer import WRITTEN_AT_ONCE, Observer
from simgrid.domain.scenario import Scenario
from simgrid.experiments.assemble import run_journal
from simgrid.network import CapacityChange, Flow, completion_times
from simgrid.presentation.logs.parquet import journal_tables
from simgrid.scenario import load

# The archive's load on slow lines, with outages that break transfers and nights on which little is carried.
OVERRIDES = (
    "demand.count=40",
    "demand.archive.count=4000",
    "horizon=1 d",
    "policies=[round-robin]",
    "grid.transfers={streams: 2, cap: 6 Mbit/s, latency: 40 ms, per_image: 2 ms, overhead: 3 %, "
    "broken: resume}",
    "events={storm: {at: 2012-01-02 11:00, for: 2 h, link_down: big-1}, "
    "slow: {at: 2012-01-02 09:00, for: 5 h, link_bandwidth: {big-2: 2 Mbit/s}}}",
)


@pytest.fixture(scope="module")
def archive() -> Scenario:
    (cell,) = load("paper/archive-52-sites", OVERRIDES).cells
    return cell


@pytest.fixture(scope="module")
def folder(archive: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of one run."""
    place = tmp_path_factory.mktemp("journal") / "run"
    with journal_tables(place) as tables:
        journal = run_journal(archive, archive.policies[0], 0, Observer(sink=tables))
        tables.rest(journal, {"policy": "round-robin"})
    return place


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_everything_is_there_once(archive: Scenario, folder: Path) -> None:
    transfers, archived = table(folder, "transfers"), table(folder, "archived")
    whole = transfers[~transfers.broken & transfers.finished_s.notna()]
    uploads = whole[whole.leg == "upload"]
    assert len(archived) == archived.study.nunique() == 4000
    assert sorted(uploads.study) == list(range(4040))
    assert set(archived.study) == set(range(40, 4040))
    assert (archived.archived_s > archived.requested_s).all()
    assert len(table(folder, "inspections")) == 40
    assert transfers.broken.any(), "the storm ought to break something"


def test_watching_changes_nothing(archive: Scenario, folder: Path) -> None:
    alone = run_journal(archive, archive.policies[0], 0)
    assert json.loads((folder / "about.json").read_text())["fingerprint"] == alone.fingerprint
    kept = table(folder, "transfers")
    # Broken attempts are written with a hair less than they carried.
    carried, written = (
        sum(leg.carried_bytes for leg in alone.carried),
        kept[kept.finished_s.notna()].bytes.sum(),
    )
    assert 0.0 < carried - written < 1e-9 * carried


def test_replayed_through_completion_times_every_transfer_ends_when_it_did(folder: Path) -> None:
    transfers, links = table(folder, "transfers"), table(folder, "links")
    capacity = links[links.at_s == 0].groupby("link", sort=False).capacity_bps.first().to_dict()
    later = links[links.at_s > 0]
    changes = [
        CapacityChange(at_s, link, bps)
        for link, at_s, bps in zip(later.link, later.at_s, later.capacity_bps, strict=True)
    ]
    flows = [
        Flow(one.started_s, one.bytes, tuple(one.path.split(" ")), one.weight, _cap(one.cap_bps))
        for one in transfers.itertuples()
    ]
    again = np.array(completion_times(capacity, flows, sorted(changes, key=lambda one: one.at_s)))
    ended = transfers.finished_s.notna().to_numpy()
    assert ended.sum() > 4000
    assert again[ended] == pytest.approx(transfers.finished_s[ended].to_numpy(), rel=1e-9)


def _cap(bps: float) -> float | None:
    return bps if bps < np.inf else None


def test_a_run_that_fails_leaves_nothing(archive: Scenario, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="planted"), journal_tables(tmp_path / "run") as tables:
        run_journal(archive, archive.policies[0], 0, Observer(sink=tables))
        raise RuntimeError("planted")
    assert list(tmp_path.iterdir()) == []


def test_blocks_hold_no_more_than_they_should(archive: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    from simgrid.simulation import recorder, transfer_log

    sizes: list[int] = []

    class Counting:
        def transfers(self, block: object) -> None:
            sizes.append(len(block.size_bytes))  # type: ignore[attr-defined]

        def archived(self, block: object) -> None:
            sizes.append(len(block.study))  # type: ignore[attr-defined]

    for module in (recorder, transfer_log):
        monkeypatch.setattr(module, "WRITTEN_AT_ONCE", 100)
    run_journal(archive, archive.policies[0], 0, Observer(sink=Counting()))
    assert max(sizes) == 100
    assert sizes.count(100) >= 80
    assert WRITTEN_AT_ONCE > 100
