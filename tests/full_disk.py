"""A campaign on a file system that is really full: a small tmpfs, in a mount namespace of its own.

``unshare --map-root-user --mount python -m tests.full_disk FOLDER`` mounts it over ``FOLDER/disk``; it goes
with the process. Exit code 77: nothing may be mounted here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.forked_commands import Commands, commands
from tests.kills import files_in, no_torn_file

CANNOT_MOUNT = 77
ARGUMENTS = ("run", "tiny/one-unit", "-r", "6", "--set", "policies=[round-robin, manual]")
ASKED = (*ARGUMENTS, "--set", "baseline=manual")
SHARES = ((0.15, "2"), (0.8, "1"))
"""Of what the campaign needs, so that runs, then figures, meet the full disk; and numbers of workers."""


def main(folder: Path) -> int:
    """Fill the disk at several sizes; each time exit 4 and nothing torn, and all is well with more room."""
    disk = folder / "disk"
    disk.mkdir()
    if _mounted("size=64m", disk):
        return CANNOT_MOUNT
    with commands(folder / "said") as forked:
        forked.run(*ASKED, "-j", "1", "-o", str(folder / "peace"))
        whole = files_in(folder / "peace")
        needed = sum(_pages(len(content)) for content in whole.values())
        for number, (share, jobs) in enumerate(SHARES):
            parent = disk / str(number)
            parent.mkdir()
            _fill(disk, int(needed * share))
            _meet(forked, parent, jobs, whole)
            (disk / "fill").unlink()
            forked.run(*ASKED, "-j", "1", "-o", str(parent))
            assert files_in(parent) == whole
    return 0


def _mounted(size: str, disk: Path) -> int:
    return subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], check=False).returncode


def _pages(size: int) -> int:
    return -(-size // 4096) * 4096


def _fill(disk: Path, left: int) -> None:
    """Leave so much room, and not a byte more."""
    free = int(subprocess.check_output(["df", "--output=avail", "-B1", str(disk)]).split()[-1])
    with (disk / "fill").open("wb") as file:
        file.truncate(0)
        for _ in range((free - left) // 4096):
            file.write(b"\0" * 4096)


def _meet(forked: Commands, parent: Path, jobs: str, whole: dict[str, bytes]) -> None:
    command = forked.start(*ASKED, "-j", jobs, "-o", str(parent))
    code, said = command.ended(), command.said()
    assert code == 4, f"exit {code}: {said}"
    assert "the disk is full: make room, or give another folder with -o" in said
    assert str(parent) in said
    assert "Traceback" not in said
    assert not list(parent.rglob("*.tmp"))
    no_torn_file(parent, whole)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
