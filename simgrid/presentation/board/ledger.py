"""What is assumed, and what the report was made with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from simgrid import __version__
from simgrid.domain.scenario import Source
from simgrid.presentation.board.beside import Beside, beside, told
from simgrid.presentation.board.given import Given
from simgrid.presentation.board.plain import PRICES, covers, grouped, values_at, words
from simgrid.presentation.board.scenarios import differ
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.html.elements import Html, Part, element, stacking_table, table
from simgrid.scenario.defaults import unwritten
from simgrid.scenario.ledger import ANY, unaccounted
from simgrid.scenario.marks import Located

_ORDER = ("assumed", "derived", "stated")
_WORDS = {
    "assumed": "assumed: nobody has measured it here",
    "derived": "derived from what is known",
    "stated": "stated by a source",
}
_DECLARED = "declared, and no source is given"
CHANGED = "changed"
FEWEST_TOGETHER, MOST_REASONS = 3, 4


def ledger_section(given: Given) -> Iterator[Html]:
    """Every value with its unit and where it is from: the assumptions first, simgrid's own defaults last."""
    if given.loaded is None:
        return
    tree, sources = given.loaded.tree, given.loaded.cells[0].sources
    found, defaults = beside(tree, given.plan), unwritten(tree)
    own = {one.place for one in sources}
    told_of = {one.place for one in sources if one.provenance != CHANGED}
    rows = [
        _row(
            _apart(told_of, line[0]),
            [one for one in found if one.place == line[0] or one.place not in own],
            *line,
        )
        for line in _lines(tree, sources, found, dict(defaults))
    ]
    headings = ("What", "Value", "Where it is from", "Why")
    parts: list[Part] = [stacking_table("Assumption ledger", headings, rows, "ledger")] if rows else []
    if not sources:
        parts.append(element("p", "The scenario says of none of its values where it comes from."))
    own_line = {one.place for one in found}
    parts += _defaults([one for one in defaults if one[0] not in own_line], found)
    if len(given.folders) > 1 and not differ(given.parts):
        first = given.folders[0].resolve().name
        parts.append(note(f"Told of {first}, the first folder; the others' values may differ from these."))
    yield section("ledger-part", "What this rests on", *parts)


def _lines(
    tree: Located, sources: Sequence[Source], found: Sequence[Beside], defaults: Mapping[str, str]
) -> Iterator[tuple[str, str, str, str]]:
    """Place, values, origin and reason: what has a source, what lost it, and what never had one.

    A value that has a line of its own stands there only.
    """
    apart = frozenset(one.place for one in sources if ANY not in one.place)
    changed = {one.place: one.reason for one in sources if one.provenance == CHANGED}
    told_of = [one for one in sources if one.provenance != CHANGED]
    for one in sorted(told_of, key=lambda one: _ORDER.index(one.provenance)):
        values = values_at(tree, one.place, apart - {one.place}) or values_at(tree, one.place, changed)
        yield one.place, values or defaults.get(one.place, ""), _WORDS[one.provenance], one.reason
    for place, values, why in _changes(tree, changed):
        yield place, values, origin_of_changed(why), why
    groups = dict(grouped(tree, [one for one in unaccounted(tree, (*sources,)) if not _in(changed, one)]))
    spoken = [*(one.place for one in sources), *groups]
    unsaid = {one.place: defaults.get(one.place, "") for one in found if not any(map(one.under, spoken))}
    for place, values in (groups | unsaid).items():
        yield place, values, _DECLARED, ""


def origin_of_changed(why: str) -> str:
    """Of a value that lost its source: whether it was there before."""
    return _DECLARED if why.startswith("not ") else "changed, and no source is given"


def _in(changed: Collection[str], place: str) -> bool:
    return place in changed or place.partition("[")[0] in changed


def _changes(tree: Located, changed: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Changed values with what they were; several of one block together."""
    blocks: dict[str, list[str]] = {}
    for place in changed:
        blocks.setdefault(place.rpartition(".")[0], []).append(place)
    for block, places in blocks.items():
        if block == PRICES or len(places) < FEWEST_TOGETHER:
            yield from ((place, values_at(tree, place), changed[place]) for place in places)
            continue
        values = [f"{one.rpartition('.')[2].replace('_', ' ')} {values_at(tree, one)}" for one in places]
        why = list(dict.fromkeys(changed[one] for one in places))
        more = f"; and {len(why) - MOST_REASONS} more" if len(why) > MOST_REASONS else ""
        yield block, "; ".join(values), f"{'; '.join(why[:MOST_REASONS])}{more}"


def _apart(own: Collection[str], place: str) -> tuple[str, ...]:
    """Which places under a line have a source of their own, so that the line's is not theirs."""
    below = sorted(one for one in own if one != place and covers(place, (*one.split("."),)) is not None)
    more = f" and {len(below) - MOST_REASONS} more" if len(below) > MOST_REASONS else ""
    return (f"but for {', '.join(below[:MOST_REASONS])}{more}: see there",) if below else ()


def _row(
    apart: Sequence[str], found: Sequence[Beside], place: str, values: str, origin: str, why: str
) -> tuple[Part, ...]:
    named = element("span", words(place), element("span", place, class_="soft"))
    return named, _value(values, (*apart, *told(found, place))), origin, why or "-"


def _value(values: str, more: Sequence[str]) -> Part:
    """As the file writes it, and under it what holds beside that."""
    if not more:
        return values or "-"
    return element("span", values or "-", *(element("span", one, class_="soft") for one in more))


def _defaults(defaults: Sequence[tuple[str, str]], found: Sequence[Beside]) -> Iterator[Html]:
    """What the scenario does not say, folded: it is in every run all the same."""
    rows = [_row((), found, place, text, "default of simgrid", "")[:3] for place, text in defaults]
    if rows:
        drawn = table("Defaults", ("What", "Value", "Where it is from"), rows, "defaults")
        yield element(
            "details", element("summary", f"{len(rows)} values that the scenario leaves to simgrid"), drawn
        )


def provenance(given: Given) -> Mapping[str, str]:
    """The footer's entries: each folder's manifest in one line an entry."""
    told: dict[str, str] = {"results folders": ", ".join(one.resolve().name for one in given.folders)}
    told |= {"replications": used} if (used := "; ".join(_used(given))) else {}
    for place, manifest in enumerate(given.manifests):
        after = "" if len(given.manifests) == 1 else f" ({place + 1})"
        told |= {f"{name}{after}": said for name, said in _entries(manifest) if said}
    told |= {"assumed": said} if (said := _assumed(given)) else {}
    return told | {
        "made by": f"simgrid-telerad {__version__}, simgrid report; this is not INRIA's SimGrid",
        "use": "a research tool and no medical device",
    }


def _assumed(given: Given) -> str:
    """How many lines of the ledger are assumed: said on paper too, which leaves the ledger out."""
    sources = () if given.loaded is None else given.loaded.cells[0].sources
    told = [one for one in sources if one.provenance != CHANGED]
    assumed = sum(one.provenance == "assumed" for one in told)
    return f"{assumed} of the {len(told)} sources told: nobody has measured these here" if assumed else ""


def _used(given: Given) -> Iterator[str]:
    """How many replications each part of the report rests on, whatever the scenario asks for."""
    if given.plan is not None and isinstance(runs := given.plan.get("runs"), Mapping):
        spent = sum(int(runs.get(part) or 0) for part in ("search", "test", "beside"))
        tested = max((int(one.get("n") or 0) for one in given.plan.get("targets") or ()), default=0)
        whose = "what is named" if given.plan.get("plan") else "what comes nearest"
        yield f"plan {tested} of {whose} and {spent} runs in all"
    if given.study is not None:
        design = given.study.design
        cells = len(design.points) * len(design.policies)
        yield f"study {design.replications}" + (
            f" of each of {cells} cells and policies" if cells > 1 else ""
        )
    if given.stress is not None and given.stress.get("n"):
        each = {int(one.get("n") or 0) for one in given.stress.get("without") or ()} - {0}
        states = f", {min(each)} to {max(each)} of what is missing" if each - {int(given.stress["n"])} else ""
        yield f"stress test {given.stress['n']} as deployed{states}"


def _entries(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "scenario", str(manifest.get("scenario", ""))
    yield "seed", str(manifest.get("seed", "?"))
    source = manifest.get("source")
    commit = source.get("commit") if isinstance(source, dict) else None
    changed = " with local changes" if isinstance(source, dict) and source.get("dirty") else ""
    yield (
        "model",
        f"version {manifest.get('model_version', '?')}" + (f", commit {commit}{changed}" if commit else ""),
    )
    inputs = manifest.get("inputs_sha256")
    if isinstance(inputs, dict):
        yield "files read", "; ".join(f"{name} {str(digest)[:12]}" for name, digest in inputs.items())
    packages = manifest.get("packages")
    if isinstance(packages, dict):
        wanted = [f"{name} {packages[name]}" for name in ("numpy", "simpy", "highspy") if packages.get(name)]
        yield "ran with", ", ".join([f"Python {manifest.get('python', '?')}", *wanted])
