"""The checks behind ``simgrid doctor``: each gives one finding, and none stops the others."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

import simgrid

DISTRIBUTION = "simgrid-telerad"
INRIA = "INRIA's SimGrid, another simulator,"
OLDEST = (3, 11)
_REQUIRED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<bounds>[^;]*)(?P<marker>;.*)?")
_BOUND = re.compile(r"(?P<kind>>=|<|==)\s*(?P<version>[0-9.]+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, whether that is well, and the way out."""

    subject: str
    ok: bool
    said: str
    way_out: str = ""


def examine(begins: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Every check in turn; one that breaks is a finding too. ``begins`` is told what is checked next."""
    checks: tuple[Callable[[], Finding], ...] = (
        python,
        name_is_ours,
        packages,
        policies,
        time_zones,
        shipped_scenarios,
        solver,
        figures,
        write_access,
    )
    for check in checks:
        subject = check.__name__.replace("_", " ")
        begins(subject)
        try:
            yield check()
        except Exception as error:
            yield Finding(subject, False, f"{type(error).__name__}: {error}", _reinstall())


def python() -> Finding:
    """The interpreter."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info[:2] >= OLDEST
    return Finding(
        "python", ok, f"{version} at {sys.executable}", "" if ok else "install Python 3.11 or later"
    )


def name_is_ours(path: Sequence[str] | None = None) -> Finding:
    """Whether another ``simgrid`` shadows this one, or lies beside it (``path``: instead of sys.path)."""
    ours = Path(simgrid.__file__).resolve().parent
    others = []
    first: Path | None = None
    for entry in sys.path if path is None else path:
        spec = PathFinder.find_spec("simgrid", [entry or "."])
        if spec is None or spec.origin is None:
            continue
        found = Path(spec.origin).resolve()
        first = first or found
        if found.parent != ours:
            others.append(found)
    found_elsewhere = [str(one) for one in dict.fromkeys(others)]
    if first is not None and first.parent != ours:
        said = f"{found_elsewhere[0]} shadows this one: 'import simgrid' gives that. It may be {INRIA}"
        way_out = f"install {DISTRIBUTION} in a virtual environment of its own, or uninstall the other"
        return Finding("the name simgrid", False, said.rstrip(","), way_out)
    if found_elsewhere or _inria_installed():
        where = ", ".join(found_elsewhere) or "a distribution called simgrid"
        said = f"{INRIA} seems installed beside this one ({where}); this one is found first"
        way_out = f"the order of sys.path decides: keep {DISTRIBUTION} in an environment of its own"
        return Finding("the name simgrid", True, said, way_out)
    return Finding("the name simgrid", True, f"{simgrid.__version__} at {ours}; nothing shadows it")


def _inria_installed() -> bool:
    try:
        metadata.distribution("simgrid")
    except metadata.PackageNotFoundError:
        return False
    return True


def packages() -> Finding:
    """Every package that the installation asks for, in a version that it accepts."""
    required = metadata.requires(DISTRIBUTION) or []
    problems, seen = [], []
    for line in required:
        match = _REQUIRED.fullmatch(line.strip())
        if match is None or "extra" in (match["marker"] or ""):
            continue
        try:
            version = metadata.version(match["name"])
        except metadata.PackageNotFoundError:
            problems.append(f"{match['name']} is missing")
            continue
        seen.append(f"{match['name']} {version}")
        if not accepted(version, match["bounds"]):
            problems.append(f"{match['name']} is {version}, asked for is {match['bounds'].strip()}")
    if problems:
        return Finding("packages", False, "; ".join(problems), _reinstall())
    return Finding("packages", True, ", ".join(seen))


def accepted(version: str, bounds: str) -> bool:
    """Whether a version keeps all bounds of the kinds ``>=``, ``<`` and ``==``, by its numbers."""
    given = _numbers(version)
    for bound in _BOUND.finditer(bounds):
        wanted = _numbers(bound["version"])
        keeps = {">=": given >= wanted, "<": given < wanted, "==": given == wanted}[bound["kind"]]
        if not keeps:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    leading = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    parts = [int(part) for part in leading.group().split(".")] if leading else []
    return tuple([*parts, 0, 0, 0][:3])


def policies() -> Finding:
    """Every policy that an entry point names can be imported."""
    found = metadata.entry_points(group="simgrid.policies")
    broken = []
    for one in found:
        try:
            one.load()
        except Exception as error:
            broken.append(f"{one.name} ({one.value}): {error}")
    if broken:
        return Finding("policies", False, "; ".join(broken), "mend or uninstall that plug-in")
    if not found:
        return Finding("policies", False, "no entry point is registered", _reinstall())
    return Finding("policies", True, ", ".join(sorted(one.name for one in found)))


def time_zones() -> Finding:
    """The zone data is there and knows daylight saving."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    dublin = ZoneInfo("Europe/Dublin")
    hours = {datetime(2026, month, 15, tzinfo=dublin).utcoffset() for month in (1, 7)}
    ok = len(hours) == 2
    return Finding("time zones", ok, "Europe/Dublin has two offsets a year" if ok else "no daylight saving")


def shipped_scenarios() -> Finding:
    """The scenarios that travel with the package can be read and built."""
    from simgrid.scenario import load, shipped_names

    names = shipped_names()
    for name in names:
        load(name)
    ok = bool(names)
    return Finding("scenarios", ok, f"{len(names)} shipped, all valid" if ok else "none", _reinstall(ok))


def solver() -> Finding:
    """A problem with a known best answer is solved: both suit the first reader, who may take one."""
    import numpy as np

    from simgrid.assignment import AssignmentProblem, solve

    importlib.import_module("highspy")
    rating = [[0.9, 0.1], [0.8, 0.7]]
    answer = solve(AssignmentProblem(rating, effort=np.ones(2), effort_limit=np.ones(2)))
    ok = [int(one) for one in answer.radiologist] == [0, 1]
    said = f"HiGHS {metadata.version('highspy')} solves a small assignment"
    return Finding("solver", ok, said if ok else f"{answer.radiologist} instead of [0, 1]", _reinstall(ok))


def figures() -> Finding:
    """Figures are drawn without a screen, with a font that has the signs they need."""
    matplotlib = importlib.import_module("matplotlib")
    figure_module = importlib.import_module("matplotlib.figure")
    agg = importlib.import_module("matplotlib.backends.backend_agg")
    font_manager = importlib.import_module("matplotlib.font_manager")
    figure = figure_module.Figure(figsize=(1, 1))
    figure.text(0.1, 0.5, "± × σ")
    canvas = agg.FigureCanvasAgg(figure)
    canvas.draw()
    ink = bytes(canvas.buffer_rgba())
    font = Path(font_manager.findfont(font_manager.FontProperties(family=["sans-serif"]))).stem
    ok = len(set(ink)) > 2
    return Finding("figures", ok, f"matplotlib {matplotlib.__version__} draws with {font}", _reinstall(ok))


def write_access() -> Finding:
    """Results can be written where the command is given."""
    here = Path.cwd()
    free_gb = shutil.disk_usage(here).free / 1e9
    try:
        with tempfile.NamedTemporaryFile(dir=here, prefix=".simgrid-doctor-"):
            pass
    except OSError as error:
        way_out = "go to a folder of your own, or give one with -o"
        return Finding("write access", False, f"cannot write in {here}: {error.strerror}", way_out)
    return Finding("write access", True, f"{here}, {free_gb:.0f} GB free")


def _reinstall(ok: bool = False) -> str:
    return "" if ok else f"install again: python -m pip install --force-reinstall {DISTRIBUTION}"
