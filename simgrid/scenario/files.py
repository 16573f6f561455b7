"""Scenario files on disk: which one is meant, read within bounds, with ``extends`` followed."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simgrid.scenario.marks import Located, Mark, Source, idle_nulls, merge_files
from simgrid.scenario.marks import Path as Place
from simgrid.scenario.near_files import file_meant
from simgrid.scenario.overrides import overridden
from simgrid.scenario.problems import (
    Problem,
    ScenarioInvalid,
    did_you_mean,
    nothing_to_remove,
    shown,
    suggest_afresh,
)
from simgrid.scenario.restated import restated
from simgrid.scenario.yaml_tree import read_tree

MAX_BYTES = 500_000
MAX_EXTENDS = 8
MISSING = "is not there"
ENDINGS = (".yaml", ".yml", ".json")
"""Of what ``extends`` names: another file is refused unread, so that no message quotes it."""
_PACKAGE = Path(__file__).resolve().parents[1]


def shipped_folder() -> Path:
    """Where the scenarios that travel with simgrid are: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "scenarios"
    return inside if inside.is_dir() else _PACKAGE.parent / "scenarios"


def shipped_names() -> tuple[str, ...]:
    """Every shipped scenario, as ``paper/table-1``."""
    folder = shipped_folder()
    found = (path for path in folder.rglob("*.yaml") if "schema" not in path.parts)
    return tuple(sorted(path.relative_to(folder).with_suffix("").as_posix() for path in found))


def shipped(name: str) -> Path | None:
    """The file of a shipped scenario: ``paper/table-1`` or ``scenarios/paper/table-1.yaml``; None if none."""
    bare = name.removeprefix("./").removeprefix("scenarios/").removesuffix(".yaml")
    return shipped_folder() / f"{bare}.yaml" if bare in shipped_names() else None


def find(path_or_name: str | Path) -> Path:
    """An existing path, else a shipped scenario.

    :raises ScenarioInvalid: naming the file or the shipped scenario that was probably meant.
    """
    path = Path(path_or_name)
    name = str(path_or_name)
    if "\0" not in name and _exists(path):
        return path
    found = shipped(name)
    if found is None:
        bare = name.removeprefix("scenarios/").removesuffix(".yaml")
        near = file_meant(path, ENDINGS)
        way_out = near or did_you_mean(bare, shipped_names(), "give a path, or a shipped scenario:")
        raise ScenarioInvalid([Problem("E001", f"no such file: {shown(name)}", name, help=way_out)])
    return found


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario file as it would be with another text, which nobody has saved yet."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """A scenario as written (``text``) and after ``extends`` and overrides (``tree``).

    ``problems``: what is wrong with the way there, though the tree can be read.
    """

    path: Path
    text: str
    tree: Located
    problems: tuple[Problem, ...] = ()


def read_resolved(path_or_name: str | Path | Draft, overrides: Sequence[str] = ()) -> Resolved:
    """Find and read a scenario, or take a draft of it; its values are not checked.

    :raises ScenarioInvalid: where a file, ``extends`` or an override cannot be read.
    """
    suggest_afresh()
    if isinstance(path_or_name, Draft):
        path, label, text = path_or_name.path, path_or_name.path.name, path_or_name.text
    else:
        path = find(path_or_name)
        label = str(path_or_name) if Path(path_or_name) == path else path.name
        text = read_text(path, label)
    problems: list[Problem] = []
    tree = read_extended(path, label, problems, text)
    made = overridden(tree, overrides)
    own = [place for place, one in _lines(made).items() if one.mark.source.name.startswith("--set ")]
    return Resolved(path, text, restated(tree, made, own) if overrides else tree, tuple(problems))


def _lines(tree: Located) -> dict[str, Located]:
    """The lines of the ledger that a text writes; to remove one is to write none."""
    lines = tree.mapping.get("sources")
    written = lines.mapping.items() if lines is not None else ()
    return {place: one for place, one in written if one.value is not None}


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def read_text(path: Path, name: str | None = None) -> str:
    """The text of a regular UTF-8 file of at most ``MAX_BYTES``.

    :raises ScenarioInvalid: at once for a folder, a pipe, a file too large or bytes that are not UTF-8.
    """
    label = name or str(path)
    try:
        mode = path.stat().st_mode
        raw = _first_bytes(path) if stat.S_ISREG(mode) else None
    except (OSError, ValueError) as error:
        message = f"cannot read {shown(label)}: {getattr(error, 'strerror', None) or error}"
        raise ScenarioInvalid([Problem("E001", message, label)]) from None
    if raw is None:
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise ScenarioInvalid([Problem("E001", f"{shown(label)} is {what}", label, help="name a YAML file")])
    if len(raw) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1000} kB"
        raise ScenarioInvalid([Problem("E005", message, label, help="a scenario is a page or two of text")])
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        snippet = raw.split(b"\n")[line - 1].decode("utf-8", "replace")
        problem = Problem(
            "E001", "the bytes are not UTF-8", label, line, column, "", snippet, 1, "save the file as UTF-8"
        )
        raise ScenarioInvalid([problem]) from None


def no_regular_file(path: Path) -> str | None:
    """Why the path is no file that can be read through, such as ``is a folder``; None where it is one."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return MISSING
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    if stat.S_ISREG(mode):
        return None
    return "is a folder" if stat.S_ISDIR(mode) else "is no regular file (a pipe, socket or device)"


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def read_file(path: Path, label: str | None = None, text: str | None = None) -> Located:
    """One file's mapping, ``extends`` not followed; ``text`` instead of what it holds."""
    given = read_text(path, label) if text is None else text
    return read_tree(Source(label or str(path), given, str(path.parent)))


def read_extended(
    path: Path, label: str | None = None, problems: list[Problem] | None = None, text: str | None = None
) -> Located:
    """The file's mapping over what it extends, nearest last; every value keeps the file it came from.

    Nulls that remove nothing on the way go to ``problems``. ``text`` instead of what the file itself holds.

    :raises ScenarioInvalid: also where ``extends`` names no readable file or runs in a circle.
    """
    layers: list[Located] = []
    seen: list[Path] = []
    here, name = path, label
    while True:
        seen.append(here.resolve())
        tree = read_file(here, name, text if here is path else None)
        parent = tree.mapping.get("extends")
        layers.append(tree.put(("extends",), None))
        if parent is None or parent.value is None:
            break
        here = _parent(here, parent)
        name = _label(here)
        if here.resolve() in seen or len(layers) >= MAX_EXTENDS:
            what = "leads back to a file before it" if here.resolve() in seen else "goes on for too long"
            raise _cannot_extend(parent.mark, f"{shown(parent.value)} {what}", "end the chain")
    tree = layers.pop()
    while layers:
        over = layers.pop()
        if problems is not None:
            problems += [nothing_to_remove(one.key or one.mark, at) for at, one in _idle(tree, over)]
        tree = restated(tree, merge_files(tree, over), _lines(over))
    return tree


def _idle(base: Located, over: Located) -> Iterator[tuple[Place, Located]]:
    """As ``idle_nulls``; what stands within a variant is not removed before that variant is made."""
    yield from idle_nulls(base, over.put(("variants",), None))
    ours, theirs = over.mapping.get("variants"), base.mapping.get("variants")
    if ours is not None and ours.value is None and theirs is None:
        yield ("variants",), ours
    for name, one in ours.mapping.items() if ours is not None else ():
        if one.value is None and (theirs is None or name not in theirs.mapping):
            yield ("variants", name), one


def _label(path: Path) -> str:
    """How the file is called where the command was given."""
    full, here = path.resolve(), Path.cwd()
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(path)


def _parent(child: Path, named: Located) -> Path:
    if not isinstance(named.value, str) or "\0" in named.value or Path(named.value).is_absolute():
        raise _cannot_extend(
            named.mark, f"{shown(named.value)} is not a relative path", "name a file beside this one"
        )
    path = child.parent / named.value
    if not _exists(path):
        found = shipped(named.value)
        why = no_regular_file(path) if "\0" not in named.value and path.is_symlink() else None
        if found is None and why not in (None, MISSING):
            raise _cannot_extend(named.mark, f"the link {shown(named.value)} {why}", "mend the link")
        if found is None:
            near = file_meant(Path(named.value), ENDINGS, child.parent)
            way_out = near or did_you_mean(named.value, shipped_names(), "shipped scenarios:")
            raise _cannot_extend(named.mark, f"no such file: {shown(named.value)}", way_out)
        return found
    if path.suffix not in ENDINGS:
        raise _cannot_extend(named.mark, f"{shown(named.value)} is no scenario", "name a .yaml file")
    return path


def _cannot_extend(mark: Mark, message: str, way_out: str) -> ScenarioInvalid:
    return ScenarioInvalid([Problem.at("E008", mark, ("extends",), message, way_out)])
