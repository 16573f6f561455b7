"""What is assumed, and what the report was made with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simgrid import __version__
from simgrid.presentation.board.given import Given
from simgrid.presentation.board.plain import grouped, values_at, words
from simgrid.presentation.board.sections import section
from simgrid.presentation.html.elements import Html, Part, element, table
from simgrid.scenario import Loaded
from simgrid.scenario.defaults import unwritten
from simgrid.scenario.ledger import unaccounted

_ORDER = ("assumed", "derived", "stated")
_WORDS = {
    "assumed": "assumed: nobody has measured it here",
    "derived": "derived from what is known",
    "stated": "stated by a source",
}
_DECLARED = "declared, and no source is given"


def ledger_section(given: Given) -> Iterator[Html]:
    """Every value with its unit and where it is from: the assumptions first, simgrid's own defaults last."""
    if given.loaded is None:
        return
    tree, sources = given.loaded.tree, given.loaded.cells[0].sources
    lines = sorted(sources, key=lambda one: _ORDER.index(one.provenance))
    rows = [_row(one.place, values_at(tree, one.place), _WORDS[one.provenance], one.reason) for one in lines]
    open_places = grouped(tree, unaccounted(tree, sources))
    rows += [_row(place, values, _DECLARED, "") for place, values in open_places.items()]
    headings = ("What", "Value", "Where it is from", "Why")
    parts: list[Part] = [table("Assumption ledger", headings, rows, "ledger")] if rows else []
    if not sources:
        parts.append(element("p", "The scenario says of none of its values where it comes from."))
    parts += _defaults(given.loaded)
    yield section("ledger-part", "What this rests on", *parts)


def _row(place: str, values: str, origin: str, why: str) -> tuple[Part, ...]:
    named = element("span", words(place), element("span", place, class_="soft"))
    return named, values or "-", origin, why or "-"


def _defaults(loaded: Loaded) -> Iterator[Html]:
    """What the scenario does not say, folded: it is in every run all the same."""
    rows = [_row(place, text, "default of simgrid", "")[:3] for place, text in unwritten(loaded.tree)]
    if rows:
        told = table("Defaults", ("What", "Value", "Where it is from"), rows, "defaults")
        yield element(
            "details", element("summary", f"{len(rows)} values that the scenario leaves to simgrid"), told
        )


def provenance(given: Given) -> Mapping[str, str]:
    """The footer's entries: each folder's manifest in one line an entry."""
    told: dict[str, str] = {"results folders": ", ".join(one.resolve().name for one in given.folders)}
    told |= {"replications": used} if (used := "; ".join(_used(given))) else {}
    for place, manifest in enumerate(given.manifests):
        after = "" if len(given.manifests) == 1 else f" ({place + 1})"
        told |= {f"{name}{after}": said for name, said in _entries(manifest) if said}
    return told | {
        "made by": f"simgrid-telerad {__version__}, simgrid report; this is not INRIA's SimGrid",
        "use": "a research tool and no medical device",
    }


def _used(given: Given) -> Iterator[str]:
    """How many replications each part of the report rests on, whatever the scenario asks for."""
    if given.plan is not None and isinstance(runs := given.plan.get("runs"), Mapping):
        spent = sum(int(runs.get(part) or 0) for part in ("search", "test", "beside"))
        tested = max((int(one.get("n") or 0) for one in given.plan.get("targets") or ()), default=0)
        whose = "what is named" if given.plan.get("plan") else "what comes nearest"
        yield f"plan {tested} of {whose} and {spent} in all"
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
