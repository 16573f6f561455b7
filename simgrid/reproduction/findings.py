"""Each claim beside ours: from what the worlds gave to one finding a reading and metric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from simgrid.domain.units import FloatArray
from simgrid.reproduction import counting, gains
from simgrid.reproduction.claims import Band, Mode, Quantity, Word
from simgrid.reproduction.compared import arm_of, check
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.experiments import Experiment, Reading, arm
from simgrid.reproduction.finding import Finding
from simgrid.reproduction.gains import Effect
from simgrid.reproduction.jointly import GRAVITY, Joint, Member, jointly
from simgrid.reproduction.parts import DISTANCE, Part, members_of
from simgrid.reproduction.same_journals import SAME_JOURNAL
from simgrid.reproduction.verdicts import judged, room, singles_of
from simgrid.statistics.decisions import holm


@dataclass(frozen=True, slots=True)
class _Pair:
    """One difference, gain or trend that belongs to a finding."""

    effect: Effect
    against: str
    band: Band
    p_holm: float = 0.0


def findings(parts: Sequence[Part], found: Mapping[str, Evidence]) -> list[Finding]:
    """One finding a part, in order; ``found`` by the name of the worlds.

    Orderings of one experiment are corrected together, so all its parts must be given. Raises as
    ``compared.check``.
    """
    check([(part, rows) for part in parts if (rows := _rows(part, found)) is not None])
    pairs = [tuple(_pairs(part, _evidence(part, found))) for part in parts]
    corrected = _corrected(parts, pairs)
    joint = [tuple(_members(part, parts, _evidence(part, found))) for part in parts]
    return [
        _finding(part, own, members, _evidence(part, found))
        for part, own, members in zip(parts, corrected, joint, strict=True)
    ]


def _rows(part: Part, found: Mapping[str, Evidence]) -> Mapping[str, FloatArray] | None:
    evidence = _evidence(part, found)
    return evidence.values.get(part.measured) if evidence is not None else None


def _evidence(part: Part, found: Mapping[str, Evidence]) -> Evidence | None:
    return found.get(part.worlds.name) if part.worlds is not None else None


def _pairs(part: Part, evidence: Evidence | None) -> Iterator[_Pair]:
    """What is estimated of a part, one a policy or variant that it is held against."""
    quantity, experiment, how = part.claim.quantity, part.experiment, part.how
    if evidence is None or quantity is None or experiment is None or how is None or not part.metric:
        return
    band = part.claim.band(part.metric)
    rows = evidence.values.get(part.measured)
    if band is None or rows is None:
        return
    for other in quantity.against:
        effect = _effect(quantity, experiment, how, rows, other, part.measured)
        if effect is not None:
            yield _Pair(effect, other, band)


def _effect(
    quantity: Quantity,
    experiment: Experiment,
    how: Reading,
    rows: Mapping[str, FloatArray],
    other: str,
    metric: str,
) -> Effect | None:
    if quantity.measure == "trend":
        far, near = (
            _divided(rows[arm(end, quantity.subject)], rows[arm(end, other)], metric)
            for end in experiment.trend
        )
        divisible = _divisible(far[1], metric) and _divisible(near[1], metric)
        return gains.growth(far, near) if divisible else None
    ours, theirs = (rows[arm_of(experiment, how, one)] for one in (quantity.subject, other))
    match quantity.measure:
        case "difference" | "share":
            return gains.difference(ours, theirs)
        case "reduction":
            return gains.reduction(ours, theirs)
        case "gain":
            above, below = _divided(ours, theirs, metric)
            return gains.gain(above, below) if _divisible(below, metric) else None
    return None


def _divided(ours: FloatArray, theirs: FloatArray, metric: str) -> tuple[FloatArray, FloatArray]:
    """What a gain divides by what: eq. 10 is the reciprocal of a distance."""
    return (theirs, ours) if metric == DISTANCE else (ours, theirs)


def _divisible(below: FloatArray, metric: str) -> bool:
    """Whether a ratio of successes may be told; that of distances always."""
    return metric == DISTANCE or gains.tells(below)


def _corrected(parts: Sequence[Part], pairs: Sequence[tuple[_Pair, ...]]) -> list[tuple[_Pair, ...]]:
    """The pairs with Holm's p over all orderings of the same experiment."""
    corrected = [list(own) for own in pairs]
    places: dict[str, list[tuple[int, int]]] = {}
    for number, (part, own) in enumerate(zip(parts, pairs, strict=True)):
        if part.ordering:
            places.setdefault(part.claim.experiment, []).extend((number, place) for place in range(len(own)))
    for family in places.values():
        adjusted = holm([corrected[number][place].effect.p for number, place in family])
        for (number, place), p in zip(family, adjusted.tolist(), strict=True):
            corrected[number][place] = replace(corrected[number][place], p_holm=p)
    return [tuple(own) for own in corrected]


def _members(part: Part, parts: Sequence[Part], evidence: Evidence | None) -> Iterator[Member]:
    """The gains that a joint claim is about, as the claim's worlds have them."""
    for member in members_of(part, parts):
        told, stated = tuple(_pairs(member, evidence)), member.claim.value
        if len(told) == 1 and stated is not None and told[0].effect.logs is not None:
            yield Member(member.claim.name, told[0].effect, told[0].effect.logs, told[0].band, stated)


def _finding(
    part: Part, pairs: tuple[_Pair, ...], members: tuple[Member, ...], evidence: Evidence | None
) -> Finding:
    claim = part.claim
    if claim.quantity is None:
        return _expecting(Finding(claim, part.name, "cannot", why=claim.note), "full")
    if claim.quantity.measure == "sum":
        return _expecting(counting.sum_of(claim, part.name), "full")
    if part.worlds is None:
        missing = f"no run for the reading {part.reading}" if part.experiment else "no experiment"
        return Finding(claim, part.name, "not run", why=f"{missing} yet")
    if evidence is None:
        return Finding(
            claim, part.name, "not run", why="no stored result that still holds; --full computes it"
        )
    joint = claim.quantity.measure == "joint"
    made = _together(part, members) if joint else _measured(part, pairs, evidence)
    made = replace(made, worlds=evidence.worlds, stored=evidence.stored)
    return _expecting(made, "full" if evidence.worlds >= part.worlds.full else "quick")


def _together(part: Part, members: tuple[Member, ...]) -> Finding:
    claim = part.claim
    names = claim.quantity.metrics if claim.quantity else ()
    missing = [name for name in names if name not in {one.name for one in members}]
    if missing:
        return Finding(claim, part.name, "cannot", why=f"no gain is told of {', '.join(missing)}")
    found = jointly(members)
    return Finding(claim, part.name, found.verdict, interval=found.reached, why=_told(members, found))


def _told(members: Sequence[Member], found: Joint) -> str:
    each = (
        f"{one.name} {100 * own.low:+.1f} to {100 * own.high:+.1f} %"
        for one, own in zip(members, found.intervals, strict=True)
    )
    held = f"{found.in_bands} of {found.reached.n} worlds lie in all {len(members)} bands"
    meant = "ours is the share of worlds in which each gain is at least as stated"
    return f"{meant}; {held}; at 95 % together {', '.join(each)}"


def _measured(part: Part, pairs: tuple[_Pair, ...], evidence: Evidence) -> Finding:
    claim = part.claim
    if SAME_JOURNAL in evidence.values:
        return counting.same_journals(claim, part.name, evidence.values[SAME_JOURNAL])
    if claim.quantity is not None and claim.quantity.measure == "counts":
        return counting.counts_of(claim, part.name, evidence)
    if not pairs:
        return Finding(claim, part.name, "cannot", why="the baseline is too near 0 for a ratio")
    singles = None if claim.value is None else singles_of(pairs[0].effect.worlds, claim.value)
    told = [(judged(one.effect.interval, one.band, claim.value, singles, one.p_holm), one) for one in pairs]
    verdict, pair = min(told, key=_gravity)
    against = pair.against if len(pairs) > 1 else ""
    return Finding(claim, part.name, verdict, None, pair.effect.interval, singles, against)


def _gravity(told: tuple[Word, _Pair]) -> tuple[int, float]:
    """The gravest verdict first, among equals the pair with the least room in its band."""
    word, pair = told
    return GRAVITY.index(word), room(pair.effect.interval, pair.band)


def _expecting(found: Finding, mode: Mode) -> Finding:
    return replace(found, expected=found.claim.expected(found.part, mode))
