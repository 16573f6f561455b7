"""docs/how-to/own-stage-1.md: its commands run, and write and say what the page lists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "own-stage-1.md").read_text(encoding="utf-8")


def test_the_commands_write_and_say_what_the_page_lists(tmp_path: Path) -> None:
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    commands = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    script = "set -e\n" + "\n".join(commands)
    assert " -r 20\n" in script
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    run = subprocess.run(
        ["bash", "-c", script.replace(" -r 20\n", " -r 2 --set 'horizon=3 d'\n")],  # the figures need no more
        cwd=tmp_path,
        env={"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (folder,) = (tmp_path / "results").glob("own-*/department")
    listed = re.findall(r"`((?:figures|tables)/[\w.-]+)`", PAGE)
    assert sorted(listed) == sorted(str(one.relative_to(folder)) for one in folder.glob("*/*"))
    assert "910 rows read: 900 accepted, 10 rejected" in run.stdout
    assert len((tmp_path / "may.rejected.csv").read_text("utf-8").splitlines()) == 11
    for word in ("turnaround", "wait", "load", "transfer"):
        assert re.search(rf"^{word}: ", run.stdout, re.MULTILINE)
