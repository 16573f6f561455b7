"""docs/how-to/check-images.md runs as it stands, and the reference names what there is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.opinion import WORST_FIRST
from simgrid.quality.sources.catalogue import sources

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/check-images.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reference/image-quality.md").read_text(encoding="utf-8")


def test_the_page_can_be_followed(tmp_path: Path) -> None:
    commands = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    run = subprocess.run(
        ["bash", "-c", "set -e\n" + "\n".join(commands)],
        cwd=tmp_path,
        env={"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert shown.strip() in run.stdout
    assert "somebody must look" in run.stdout
    assert "4 files: " in run.stdout
    assert "reject error truncated" in run.stdout
    assert len((tmp_path / "monday.jsonl").read_text().splitlines()) == 4
    assert "decoder-died" in run.stdout


def test_the_reference_names_every_key_and_counts_every_source() -> None:
    for word in (*DEFECTS, *WORST_FIRST):
        assert f"`{word}`" in REFERENCE
    roles = Counter(one.role for one in sources())
    for role, count in roles.items():
        assert re.search(rf"^\| {role} \| {count} \|", REFERENCE, re.MULTILINE)
