"""What is assumed, and what the report was made with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simgrid import __version__
from simgrid.domain.scenario import Source
from simgrid.presentation.board.given import Given
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.html.elements import Html, element, table
from simgrid.scenario.ledger import unaccounted

_ORDER = ("assumed", "derived", "stated")
_WORDS = {
    "assumed": "assumed: nobody has measured it here",
    "derived": "derived from what is known",
    "stated": "stated by a source",
}
MOST_PRINTED = 14


def ledger_section(given: Given) -> Iterator[Html]:
    """Every line of the scenario's ledger, the assumptions first; the places that none of them covers."""
    if given.loaded is None:
        return
    sources = given.loaded.cells[0].sources
    lines = sorted(sources, key=lambda one: _ORDER.index(one.provenance))
    rows = [(one.place, _WORDS[one.provenance], one.reason or "no reason is given") for one in lines]
    open_places = unaccounted(given.loaded.tree, sources)
    parts = (
        [table("Assumption ledger", ("Value", "Where it comes from", "Why"), rows, "ledger")] if rows else []
    )
    if not rows:
        parts.append(element("p", "The scenario says of none of its values where it comes from."))
    if open_places:
        shown = ", ".join(open_places[:12]) + (
            f" and {len(open_places) - 12} more" if len(open_places) > 12 else ""
        )
        parts.append(note(f"Without a line: {shown}."))
    if len(rows) > MOST_PRINTED:
        parts.append(
            element("p", f"On paper the first {MOST_PRINTED} lines; all are in the file.", class_="onpaper")
        )
    yield section("ledger-part", "What this rests on", *parts)


def assumed(sources: Sequence[Source]) -> int:
    """How many lines are assumptions."""
    return sum(one.provenance == "assumed" for one in sources)


def provenance(given: Given) -> Mapping[str, str]:
    """The footer's entries: each folder's manifest in one line an entry."""
    told: dict[str, str] = {"results folders": ", ".join(one.resolve().name for one in given.folders)}
    for place, manifest in enumerate(given.manifests):
        after = "" if len(given.manifests) == 1 else f" ({place + 1})"
        told |= {f"{name}{after}": said for name, said in _entries(manifest) if said}
    return told | {
        "made by": f"simgrid-telerad {__version__}, simgrid report; this is not INRIA's SimGrid",
        "use": "a research tool and no medical device",
    }


def _entries(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "scenario", str(manifest.get("scenario", ""))
    yield "seed, replications", f"{manifest.get('seed', '?')}, {manifest.get('replications', '?')}"
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
