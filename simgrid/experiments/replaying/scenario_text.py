"""The scenario around a converted log: what the log shows is said so, everything else is assumed and marked.

Text, not a dump: whoever opens it reads what each part is for and where the own hospital's values belong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from simgrid.experiments.replaying.team import Member
from simgrid.rating import Ontology
from simgrid.scenario.writing import scalar

_WIDTH = 110
_RATING = "0.7"
_GLUE = "_"
UNIT = "reading-room"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger: a place, ``stated``, ``derived`` or ``assumed``, and why."""

    place: str
    provenance: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything of a scenario that depends on its log. Texts are written as they stand.

    ``demand``: lines of the block. ``sites``: name and speed. ``reads``: every modality that must be read.
    ``team``: members named by the log, else ``team_size`` colleagues alike.
    """

    title: str
    opening: tuple[str, ...]
    start: str
    zone: str
    horizon: str
    demand: tuple[str, ...]
    sites: tuple[tuple[str, str], ...]
    unit_link: str
    storage: str
    monitor: str
    reads: tuple[str, ...]
    team: tuple[Member, ...]
    team_size: int
    ledger: tuple[Line, ...]


def scenario_text(parts: Parts) -> str:
    """The whole file."""
    sections = (
        _head(parts),
        ("demand:", *(f"  {line}" for line in parts.demand)),
        ("reading_time: {any: {lognormal: {cv: 0.5}}}   # around the code table's minutes",),
        ("dispatch: {every: 15 min}",),
        _places(parts),
        _radiologists(parts),
        _sources(parts),
    )
    return "\n\n".join("\n".join(one) for one in sections) + "\n"


def _head(parts: Parts) -> Iterator[str]:
    yield from (f"# {line}" for line in parts.opening)
    yield ""
    yield f'title: "{parts.title}"'
    yield ""
    yield f"calendar: {{start: {parts.start}, zone: {parts.zone}}}"
    yield f"horizon: {parts.horizon}"
    yield "give_up_after: 14 d"
    yield "replications: 5"
    yield ""
    yield "policies: [rwoa, rbsm, round-robin, shortest-queue, manual]"
    yield "baseline: manual"


def _places(parts: Parts) -> Iterator[str]:
    yield "sites:"
    yield from (f"  {name}: {{link: {{bandwidth: {speed}}}}}" for name, speed in parts.sites)
    yield "units:"
    desks = len(parts.team) or parts.team_size
    yield f"  {UNIT}:"
    yield f"    link: {{bandwidth: {parts.unit_link}}}"
    yield f"    storage: {parts.storage}"
    yield f"    workstations: {desks}"
    yield f"    monitor: {parts.monitor}"
    yield "data_centre: {link: {bandwidth: 10 Gbit/s}}"


def _radiologists(parts: Parts) -> Iterator[str]:
    yield "radiologists:"
    # Whoever has read too little to show it reads everything, else nobody might read the rest.
    unread = set(parts.reads) - {one for member in parts.team for one in member.reads or parts.reads}
    if not parts.team:
        yield "  reader:"
        yield f"    count: {parts.team_size}"
        yield from _member(Member("reader", 0, parts.reads), parts.reads, _rated())
    for place, member in enumerate(parts.team):
        reads = tuple(sorted({*member.reads, *unread})) if member.reads else parts.reads
        yield f"  {scalar(member.name)}:   # read {member.inspections} in the log"
        yield from _member(member, reads, ("    ratings: *alike",) if place else _rated())


def _member(member: Member, reads: Sequence[str], ratings: Sequence[str]) -> Iterator[str]:
    yield f"    unit: {UNIT}"
    yield f"    reads: [{', '.join(reads)}]"
    yield f'    hours: "{member.hours or "always"}"'
    if member.absence:
        yield f"    absence: {100 * member.absence:g} %"
    if member.speed is not None:
        yield f"    speed: {member.speed:.2f}"
    yield from ratings


def _rated() -> tuple[str, ...]:
    """Every condition of the ontology alike, in lines that fit."""
    names = dict.fromkeys(one.name for one in Ontology.default().conditions)
    # Entries must not be torn: YAML takes no line break between a key and its colon.
    listed = ", ".join(f"{name}: {_RATING}".replace(" ", _GLUE) for name in names)
    lines = [line.replace(_GLUE, " ") for line in wrap(f"{{{listed}}}", _WIDTH - 6)]
    return ("    ratings: &alike", *(f"      {line}" for line in lines))


def _sources(parts: Parts) -> Iterator[str]:
    yield "sources:"
    for line in (*parts.ledger, *_ALWAYS):
        yield f'  {line.place}: {{{line.provenance}: "{line.reason}"}}'


_ALWAYS = (
    Line("give_up_after", "assumed", "long enough that what is still waiting then is lost work"),
    Line("reading_time", "assumed", "half the mean around the code table's minutes"),
    Line("dispatch", "assumed", "as in the study's setting"),
    Line("demand.required", "assumed", "an hour and a day: put your own agreements here"),
    Line("sites.*.link", "assumed", "the smallest usual speed of which the busiest hour leaves 30 % free"),
    Line("units", "assumed", "one room for all: a desk for everybody, a link as at the sites, ample storage"),
    Line("data_centre", "assumed", "never the bottleneck"),
    Line("radiologists.*.ratings", "assumed", f"{_RATING} for all: a log does not say who is good at what"),
)
