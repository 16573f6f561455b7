"""What a stress test found, in sentences for whoever plans: the answer that stands before every table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from simgrid.planning.judging import fewest
from simgrid.planning.states import Kind, lasting
from simgrid.planning.stress import Stressed, Without
from simgrid.presentation.stress_load import load_sentence
from simgrid.presentation.stress_outage import outage_sentence

ADD_TARGETS = "targets: {urgent: {of: urgency=urgent, within: 60 min, share: 95 %}}"


def answer(found: Stressed) -> str:
    """The whole answer, one sentence a question."""
    said = [*_deployed(found)]
    for kind in ("link", "unit", "shard", "radiologist"):
        said += _missing(found, kind)
    if found.loads is not None and found.asked:
        said.append(load_sentence(found.loads, found.replications))
    said.append(outage_sentence(found.outage))
    return " ".join(said)


def _deployed(found: Stressed) -> Iterator[str]:
    if not found.asked:
        yield f"The scenario has no targets, so nothing can break one; add them like '{ADD_TARGETS}'."
        yield from _most_lost(found.without)
        return
    missed = [one.name for one in found.deployed if one.verdict == "missed"]
    doubt = [one.name for one in found.deployed if one.verdict == "cannot be told apart"]
    if missed:
        yield f"{_targets(missed)} {_is(missed)} missed already as deployed."
    if doubt:
        few = max(fewest(one) for one in found.asked if one.name in doubt)
        too_few = found.replications < few
        more = f" (fewer than {few} cannot show it)" if too_few else ""
        yield (
            f"Whether {_listed(doubt)} {_is(doubt)} met as deployed cannot be told with "
            f"{found.replications} replications{more}{_enough(found, too_few=too_few)}."
        )


def _enough(found: Stressed, *, too_few: bool) -> str:
    """With how many replications, and how they are asked for; nothing where no number can be told."""
    if too_few:
        usual = found.usual
        return f"; ask for {usual}: simgrid stress FILE -r {usual}" if usual > found.replications else ""
    if found.telling is None or found.telling <= found.replications:
        return ""
    many = found.telling
    return f"; if all are like these, about {many} would show it: simgrid stress FILE -r {many}"


def _most_lost(without: Sequence[Without]) -> Iterator[str]:
    """The largest loss of studies in time: a sure one, else one that all replications had alike."""
    less = [one for one in without if one.changes[0].surely < 0]
    less += [one for one in without if one.changes[0].alike and one.changes[0].difference < 0]
    if less:
        most = min(less, key=lambda one: one.changes[0].difference)
        lost = most.changes[0]
        if lost.alike:
            span, worlds = f"{-100 * lost.difference:.1f}", f", the same in all {lost.n} replications"
            worlds += "" if lost.surely < 0 else ", which are too few to tell of others"
        else:
            span, worlds = f"{-100 * lost.high:.1f} to {-100 * lost.low:.1f}", ""
        yield f"Most is lost without {most.kind} {most.name}: {span} points of the studies in time{worlds}."
    elif without:
        yield "Nothing that is missing alone has been shown to cost any study its time."


def _missing(found: Stressed, kind: Kind) -> Iterator[str]:
    """Which of a kind break a target that holds as deployed, of which it cannot be told, and the rest."""
    before = {one.name for one in found.deployed if one.verdict == "missed"}
    those = [one for one in found.without if one.kind == kind]
    if not those or len(before) == len(found.asked):
        return
    broken = [(one, names) for one in those if (names := _new(one.named("missed"), before))]
    doubtful = [
        one
        for one in those
        if _new(one.named("cannot be told apart"), before) and one not in [other for other, _ in broken]
    ]
    not_safe = [*doubtful, *(one for one, _ in broken)]
    safe = [one for one in those if one not in not_safe]
    parts = [*_broken(kind, broken)]
    if doubtful and (safe or broken or len(doubtful) == 1):
        parts.append(f"of {_many(kind, doubtful)} it cannot be told")
    elif doubtful:
        yield f"Of no {kind} can it be told whether the targets are met without."
        return
    if len(safe) == 1:
        parts.append(f"{_many(kind, safe)} may {_may(kind, found)}")
    elif safe:
        parts.append(f"{'any one other' if parts else 'any one'} {kind} may {_may(kind, found)}")
    yield _capital("; ".join(parts)) + "."
    if kind == "link":
        yield from _of_all_sites(found, {one.name for one in safe})


def _of_all_sites(found: Stressed, safe: Collection[str]) -> Iterator[str]:
    """Whose promise it is that a link may fail, where no target asks for a site alone."""
    spared = [name for name in found.sites if name in safe]
    if spared and len(found.sites) > 1 and not any(one.of.startswith("site=") for one in found.asked):
        yield (
            "The targets are those of all sites together: a site whose link fails waits all the same; "
            f"a target with 'of: site={spared[0]}' asks for one site alone."
        )


def _broken(kind: Kind, broken: Sequence[tuple[Without, list[str]]]) -> Iterator[str]:
    """Those that break the same targets in one clause, the worst first."""
    by_targets: dict[tuple[str, ...], list[Without]] = {}
    for one, names in broken:
        by_targets.setdefault(tuple(names), []).append(one)
    for targets, those in by_targets.items():
        yield f"{_many(kind, those)} {_breaks(kind, len(those))} {_listed(targets)}"


def _new(names: Sequence[str], before: set[str]) -> list[str]:
    return [name for name in names if name not in before]


def _may(kind: Kind, found: Stressed) -> str:
    down = found.test.down_s
    for_so_long = "in the whole run" if down == float("inf") else f"for {lasting(down)}"
    return {
        "link": f"fail {for_so_long}",
        "unit": "be missing",
        "shard": f"fail {for_so_long}",
        "radiologist": "be ill",
    }[kind]


def _breaks(kind: Kind, number: int) -> str:
    state = {"radiologist": "away", "unit": "gone"}.get(kind, "down")
    return f"{state} {'breaks' if number == 1 else 'each break'}"


def _many(kind: Kind, those: Sequence[Without]) -> str:
    names = sorted(called(one) for one in those)
    return f"{kind if len(names) == 1 else kind + 's'} {_listed(names)}"


def called(one: Without) -> str:
    """Its name, and of how many alike."""
    return f"{one.name} (any of {len(one.alike)})" if one.alike else one.name


def _targets(names: Sequence[str]) -> str:
    return f"{'Target' if len(names) == 1 else 'Targets'} {_listed(names)}"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
