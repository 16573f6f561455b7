"""A disk that refuses: exit 4, a clear error, nothing torn and nothing lost, and the same command goes on."""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments import atomic
from simgrid.experiments.receipts import computed_again
from tests import full_disk
from tests.forked_commands import ROOT, Commands
from tests.full_disk import ASKED
from tests.kills import files_in, no_torn_file, receipts_in, runs_in

Moment: TypeAlias = Literal["open", "write", "sync", "rename"]

REFUSED: tuple[tuple[str, Moment, int], ...] = (
    ("*-*.jsonl", "write", errno.ENOSPC),
    ("*-*.jsonl", "open", errno.EROFS),
    ("????????????????????????????????.json", "open", errno.EROFS),
    ("????????????????????????????????.json", "write", errno.ENOSPC),
    ("????????????????????????????????.json", "write", errno.EDQUOT),
    ("????????????????????????????????.json", "sync", errno.EIO),
    ("????????????????????????????????.json", "rename", errno.ENOSPC),
    ("scenario.yaml", "sync", errno.ENOSPC),
    ("scenario-resolved.yaml", "write", errno.EIO),
    ("manifest.json", "open", errno.ENOSPC),
    ("study.json", "write", errno.ENOSPC),
    ("summary.csv", "open", errno.EROFS),
    ("comparisons.csv", "rename", errno.EROFS),
    ("replications.csv", "sync", errno.EDQUOT),
    ("comparison.md", "write", errno.ENOSPC),
    ("comparison.svg", "open", errno.EROFS),
    ("comparison.png", "write", errno.ENOSPC),
)
SAID = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk reports an error",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the campaign leaves on a willing disk."""
    parent = tmp_path_factory.mktemp("whole")
    assert CliRunner().invoke(cli, [*ASKED, "-j", "1", "-o", str(parent)]).exit_code == 0
    return files_in(parent)


class HalfWriter(io.FileIO):
    """A file that takes half of what it is given."""

    code = 0

    def write(self, data: Any) -> int:
        super().write(bytes(data)[: len(data) // 2])
        raise OSError(self.code, os.strerror(self.code))


@contextmanager
def refusing(pattern: str, moment: Moment, code: int, after: int) -> Iterator[None]:
    """Within: files of such names are refused at that moment of being written, once ``after`` were not."""
    left = [after]

    def meant(path: Any) -> bool:
        name = Path(path).name
        name = name[1:].rpartition(".tmp")[0].rpartition(".")[0] if name.endswith(".tmp") else name
        left[0] -= fnmatch(name, pattern)
        return fnmatch(name, pattern) and left[0] < 0

    def refuse() -> OSError:
        return OSError(code, os.strerror(code))

    patches = {"open": _at_open, "write": _at_write, "sync": _at_sync, "rename": _at_rename}
    with pytest.MonkeyPatch.context() as patched:
        patches[moment](patched, meant, refuse)
        yield


Meant: TypeAlias = Callable[[Any], bool]
Refuse: TypeAlias = Callable[[], OSError]


def _at_open(patched: pytest.MonkeyPatch, meant: Meant, refuse: Refuse) -> None:
    true_open, true_low = Path.open, os.open

    def path_open(self: Path, *arguments: Any, **named: Any) -> Any:
        if "wb" in arguments and meant(self):
            raise refuse()
        return true_open(self, *arguments, **named)

    def low_open(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        if flags & os.O_APPEND and meant(path):
            raise refuse()
        return true_low(path, flags, *arguments, **named)

    patched.setattr(Path, "open", path_open)
    patched.setattr(os, "open", low_open)


def _at_write(patched: pytest.MonkeyPatch, meant: Meant, refuse: Refuse) -> None:
    true_open, true_low, true_write, receipt = Path.open, os.open, os.write, [-1]

    def path_open(self: Path, *arguments: Any, **named: Any) -> Any:
        if "wb" in arguments and meant(self):
            half = HalfWriter(str(self), "wb")
            half.code = refuse().errno or 0
            return half
        return true_open(self, *arguments, **named)

    def low_open(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        file = true_low(path, flags, *arguments, **named)
        receipt[0] = file if flags & os.O_APPEND and meant(path) else -1
        return file

    def write(file: int, data: bytes) -> int:
        if file == receipt[0]:
            true_write(file, data[: len(data) // 2])
            raise refuse()
        return true_write(file, data)

    patched.setattr(Path, "open", path_open)
    patched.setattr(os, "open", low_open)
    patched.setattr(os, "write", write)


def _at_sync(patched: pytest.MonkeyPatch, meant: Meant, refuse: Refuse) -> None:
    true_open, true_force, refused = Path.open, atomic._force, set()

    def path_open(self: Path, *arguments: Any, **named: Any) -> Any:
        file = true_open(self, *arguments, **named)
        if "wb" in arguments and meant(self):
            refused.add(file.fileno())
        return file

    def force(file: int) -> None:
        if file in refused:
            raise refuse()
        true_force(file)

    patched.setattr(Path, "open", path_open)
    patched.setattr(atomic, "_force", force)


def _at_rename(patched: pytest.MonkeyPatch, meant: Meant, refuse: Refuse) -> None:
    true_replace = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if meant(target):
            raise refuse()
        return true_replace(self, target)

    patched.setattr(Path, "replace", replace)


def refused_well(said: str, code: int, shown: int, parent: Path, whole: dict[str, bytes]) -> None:
    assert code == 4, said
    last = said.splitlines()[-1]
    assert last.startswith(f"error: {parent}"), said
    assert SAID[shown] in last
    assert "-o" in last
    assert ".tmp" not in said
    assert "Traceback" not in said
    assert not list(parent.rglob("*.tmp"))
    no_torn_file(parent, whole)
    for file in parent.rglob("*.jsonl"):
        assert file.read_bytes().endswith(b"}\n")


def test_each_kind_of_file_refused_at_each_moment(tmp_path: Path, whole: dict[str, bytes]) -> None:
    """Each command goes on from where the one before was refused."""
    command = [*ASKED, "-j", "1", "-o", str(tmp_path)]
    kept: set[str] = set()
    for pattern, moment, code in REFUSED:
        with refusing(pattern, moment, code, after=pattern.startswith(("*", "?"))):
            done = CliRunner().invoke(cli, command)
        refused_well(done.stderr, done.exit_code, code, tmp_path, whole)
        assert done.stdout == ""
        assert kept <= runs_in(tmp_path)
        kept = runs_in(tmp_path)
    assert len(kept) == 12
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0
    assert files_in(tmp_path) == whole
    assert computed_again(receipts_in(tmp_path)) == ()


@pytest.mark.parametrize("largest", ["700", "20000"], ids=["runs", "figures"])
def test_a_limit_that_the_system_sets(
    forked: Commands, tmp_path: Path, whole: dict[str, bytes], largest: str
) -> None:
    """No privilege is needed for a limit on the size of files, and the kernel itself refuses."""
    command = (*ASKED, "-j", "1", "-o", str(tmp_path))
    limited = forked.start(*command, hook=("limit_file_size", largest))
    code = limited.ended()
    assert "larger than files may be here" in limited.said()
    refused_well(
        limited.said().replace("larger than files may be here", SAID[errno.EIO]),
        code, errno.EIO, tmp_path, whole,
    )  # fmt: skip
    forked.run(*command)
    assert files_in(tmp_path) == whole


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    if (unshare := shutil.which("unshare")) is None:
        pytest.skip("there is no unshare, with which anybody may mount a small disk")
    done = subprocess.run(
        [unshare, "--map-root-user", "--mount", sys.executable, "-m", "tests.full_disk", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == full_disk.CANNOT_MOUNT or "unshare failed" in done.stderr:
        pytest.skip(f"nothing may be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
