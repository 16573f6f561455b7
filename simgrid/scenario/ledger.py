"""The assumption ledger: which place of the scenario comes from where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from simgrid.domain.scenario import Source
from simgrid.scenario.findings import Findings
from simgrid.scenario.marks import Located, Path, dotted
from simgrid.scenario.problems import nearest
from simgrid.scenario.relocated import file_kind
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_people import PROVENANCE

ANY = "*"
ON_MAP = "at"
MOST_STARS = 2
MOST_PARTS = 8
NO_ASSUMPTION = frozenset(
    (
        *("sources", "title", "name", "policies", "baseline", "primary", "claims", "sweep", "sample"),
        *(
            "uncertain",
            "sensitivity",
            "exclude",
            "variants",
            "seed",
            "replications",
            "targets",
            "plan",
            "stress",
        ),
    )
)
"""What says nothing of the world: words, what is run, and what is asked."""


def ledger(spec: ScenarioSpec, findings: Findings) -> tuple[Source, ...]:
    """The lines of the ledger in the order written; what is wrong with them goes to ``findings``.

    A line for a place that does not exist is an error, unless it came by ``extends``: then this file
    removed what the line was about. An assumption without a reason is a warning.
    """
    if not spec.sources:
        return ()
    tree = findings.tree
    dump = spec.model_dump(mode="json", exclude={"sources"})
    places = set(_places(dump)) | set(inner_places(tree))
    lines: list[Source] = []
    found = named(spec.sources, places)
    for place, line in spec.sources.items():
        path = ("sources", place)
        if place not in found:
            if line.changed is None and not _inherited(tree, path):
                findings.add_at_key("E205", path, "no such place in the scenario", _way_out(place, places))
            continue
        provenance = next(name for name in PROVENANCE if getattr(line, name) is not None)
        reason = str(getattr(line, provenance))
        if provenance == "assumed" and not reason.strip():
            findings.add_at_key(
                "W301", path, "assumed without a reason", f'write {place}: {{assumed: "why"}}'
            )
        lines.append(Source(place, provenance, reason))
    return tuple(lines)


def named(lines: Iterable[str], places: Collection[str]) -> set[str]:
    """Those lines that name at least one of the places.

    Only the shapes that occur (how many parts, which of them a star) are looked up, so that the work grows
    with the places and not with lines times places.
    """
    known = set(places)
    found = {line for line in lines if line in known}
    shapes: dict[tuple[int, tuple[int, ...]], set[str]] = {}
    for line in lines:
        parts = line.split(".")
        stars = tuple(index for index, part in enumerate(parts) if part == ANY)
        if stars and len(stars) <= MOST_STARS and len(parts) <= MOST_PARTS:
            shapes.setdefault((len(parts), stars), set()).add(line)
    if shapes:
        split = [place.split(".") for place in known]
        for (length, stars), wanted in shapes.items():
            starred = (_starred(parts, stars) for parts in split if len(parts) == length)
            found |= wanted.intersection(starred)
    return found


def _starred(parts: list[str], stars: tuple[int, ...]) -> str:
    return ".".join(ANY if index in stars else part for index, part in enumerate(parts))


def _way_out(place: str, places: Collection[str]) -> str:
    if place.split(".").count(ANY) > MOST_STARS or place.count(".") >= MOST_PARTS:
        return f"a line has at most {MOST_STARS} stars and {MOST_PARTS} parts"
    near = nearest(place, sorted(places))
    return "name it like sites.*.link" if near is None else f"did you mean '{near}'?"


def _inherited(tree: Located, path: Path) -> bool:
    found = tree.at(path)
    source = (found or tree).mark.source.name
    return source != tree.mark.source.name and not source.startswith("--set ")


def unaccounted(tree: Located, lines: tuple[Source, ...]) -> list[str]:
    """Places of numbers in the file that no line of the ledger covers, directly or from above.

    What is ``changed`` is covered by none.
    """
    missing = []
    changed = {line.place for line in lines if line.provenance == "changed"}
    speaking = [line.place for line in lines if line.provenance != "changed"]
    for path, leaf in tree.leaves():
        if path[0] in NO_ASSUMPTION or isinstance(leaf.value, bool) or leaf.value is None:
            continue
        if path[-2:-1] == (ON_MAP,) or file_kind(path):  # where a place is drawn or a file lies is in no run
            continue
        text = str(leaf.value)
        if not any(char.isdigit() for char in text):
            continue
        above = [dotted(path[: length + 1]) for length in range(len(path))]
        covered = any(matches(line, place) for line in speaking for place in above)
        if not covered or not changed.isdisjoint(above):
            missing.append(dotted(path))
    return missing


def matches(pattern: str, place: str) -> bool:
    """Whether a ledger line names the place; ``*`` stands for any one name (``sites.*.link``)."""
    wanted, given = pattern.split("."), place.split(".")
    return len(wanted) == len(given) and all(a in (b, ANY) for a, b in zip(wanted, given, strict=True))


def _places(value: object, path: Path = ()) -> Iterator[str]:
    if path:
        yield dotted(path)
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _places(one, (*path, key))


def inner_places(tree: Located, path: Path = ()) -> Iterator[str]:
    """Every place that the text has, blocks included, but for the ledger's own."""
    for key, one in tree.mapping.items():
        if not (key == "sources" and not path):
            yield dotted((*path, key))
            yield from inner_places(one, (*path, key))
