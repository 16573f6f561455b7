"""The assumption ledger: which place of the scenario comes from where."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.domain.scenario import Source
from simgrid.scenario.marks import Located, Path, dotted
from simgrid.scenario.problems import Problem, did_you_mean
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_people import PROVENANCE

ANY = "*"


def ledger(spec: ScenarioSpec) -> tuple[Source, ...]:
    """The lines of the ledger in the order written."""
    lines = []
    for place, line in spec.sources.items():
        for provenance in PROVENANCE:
            reason = getattr(line, provenance)
            if reason is not None:
                lines.append(Source(place, provenance, reason))  # type: ignore[arg-type]
    return tuple(lines)


def ledger_problems(spec: ScenarioSpec, tree: Located) -> Iterator[Problem]:
    """Lines for places that do not exist (errors) and assumptions without a reason (warnings)."""
    dump = spec.model_dump(mode="json", exclude={"sources"})
    places = set(_places(dump)) | {dotted(path) for path, _ in _inner(tree, ())}
    for place, line in spec.sources.items():
        path = ("sources", place)
        found = tree.at(path)
        mark = (found.key or found.mark) if found is not None else tree.mark
        if not any(matches(place, known) for known in places):
            yield Problem.at(
                "E205", mark, path, "no such place in the scenario", did_you_mean(place, sorted(places))
            )
        if line.assumed is not None and not line.assumed.strip():
            yield Problem.at(
                "W301", mark, path, "assumed without a reason", f'write {place}: {{assumed: "why"}}'
            )


def unaccounted(tree: Located, lines: tuple[Source, ...]) -> list[str]:
    """Places of numbers and quantities in the file that no line of the ledger covers, itself or from above."""
    exempt = {"sources", "title", "name", "policies", "baseline", "primary", "sweep", "seed", "replications"}
    missing = []
    for path, leaf in tree.leaves():
        if path[0] in exempt or isinstance(leaf.value, bool) or leaf.value is None:
            continue
        text = str(leaf.value)
        if not any(char.isdigit() for char in text):
            continue
        above = [dotted(path[: length + 1]) for length in range(len(path))]
        if not any(matches(line.place, place) for line in lines for place in above):
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


def _inner(tree: Located, path: Path) -> Iterator[tuple[Path, Located]]:
    for key, one in tree.mapping.items():
        if not (key == "sources" and not path):
            yield (*path, key), one
            yield from _inner(one, (*path, key))
