"""Which scenarios the editor offers and opens: those of the working folder, and those that simgrid ships."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simgrid.scenario import shipped, shipped_names
from simgrid.scenario.confined import inside
from simgrid.scenario.files import Draft, read_text

MOST_OFFERED = 200
_DEEPEST = 3
_SKIPPED = ("results", "node_modules")
SHIPPED = "shipped: "


class NotHere(ValueError):
    """A file that the editor does not open."""


def offered(folder: Path, given: str | None) -> list[str]:
    """The names to choose from: the file that was given, the folder's own, then the shipped ones."""
    own = sorted(one.relative_to(folder).as_posix() for one in _own(folder, _DEEPEST))[:MOST_OFFERED]
    ours = [f"{SHIPPED}{name}" for name in shipped_names()]
    return list(dict.fromkeys([*([named(given, folder)] if given else []), *own, *ours]))


def named(given: str, folder: Path) -> str:
    """What a file, or a shipped scenario, is called in the list.

    :raises NotHere: it is neither in the folder nor shipped.
    """
    path = (folder / given).absolute()
    if path.is_file():
        if not inside(path, folder):
            raise NotHere(f"{given} lies outside the working folder: start the command in its folder")
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else given
    if shipped(given) is None:
        raise NotHere(f"{given}: no such file, and no shipped scenario of this name")
    return f"{SHIPPED}{given.removeprefix('scenarios/').removesuffix('.yaml')}"


def opened(name: str, folder: Path) -> Draft:
    """A scenario of the list, with its text.

    :raises NotHere: it is not in the list. :raises ScenarioInvalid: it cannot be read.
    """
    if name.startswith(SHIPPED):
        path = shipped(name.removeprefix(SHIPPED))
        if path is None:
            raise NotHere(f"no shipped scenario {name.removeprefix(SHIPPED)}")
        return Draft(path, read_text(path, path.name))
    path = folder / name
    if not inside(path, folder):
        raise NotHere(f"{name} lies outside the working folder")
    return Draft(path, read_text(path, name))


def _own(folder: Path, deeper: int) -> Iterator[Path]:
    """YAML files of a folder and those below it, links and hidden ones left out."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for one in entries:
        if one.name.startswith(".") or one.is_symlink() or one.name in _SKIPPED:
            continue
        if one.is_dir() and deeper > 0:
            yield from _own(one, deeper - 1)
        elif one.suffix in (".yaml", ".yml") and one.is_file():
            yield one
