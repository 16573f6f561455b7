"""The comparison as a reader sees it, word for word; a change here is a change to look at.

``python -m tests.golden.test_comparison_table`` writes it anew.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from simgrid.domain.scenario import Claim
from simgrid.experiments.replicate import replicate
from simgrid.presentation.blocks import as_text
from simgrid.presentation.tables import comparison_blocks
from tests.campaigns import asked, invented_run, scenario

GOLDEN = Path(__file__).parent / "comparison_table.txt"
CLAIMS = (
    Claim("rbsm", ("rwoa", "random"), "response_time_success", "said before the first run"),
    Claim("rwoa", ("rbsm",), "workload_distance"),
)


def text(folder: Path) -> str:
    study = replicate(asked(scenario(claims=CLAIMS, replications=20)), folder, invented_run)
    return as_text(comparison_blocks(study))


def test_the_comparison_reads_as_before(tmp_path: Path) -> None:
    assert text(tmp_path) == GOLDEN.read_text()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(text(Path(folder)))
