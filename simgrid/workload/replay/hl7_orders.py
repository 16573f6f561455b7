"""What an HL7 message says about each of its orders: numbers, cells, and whether it cancels or reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from simgrid.workload.replay.hl7_messages import Message, Segment, UnusablePart, iso_time

SiteFrom: TypeAlias = Literal["MSH-4", "PV1-3", "ORC-17"]
KEY_KINDS = ("placer", "filler", "accession")
"""The numbers by which orders and reports find each other, the one that names the inspection first."""

_NEW = frozenset({"NW", "SN"})
_CANCELS = frozenset({"CA", "DC", "OC", "OD", "CR", "DR"})
_CANNOT_CANCEL = frozenset({"UC", "UD"})
_NEW_ORDER, _OTHER_ORDER, _REPORT = 3, 2, 1
_SECTIONS = {"NMR": "MR", "NMS": "NM", "RUS": "US", "VUS": "US", "OUS": "US", "CUS": "US"}
_MODALITIES = frozenset(
    "BMD|CR|CT|DX|ES|IO|IVUS|MG|MR|NM|OCT|OP|OPT|PT|PX|RF|RG|SC|US|XA|XR|XC".split("|")  # noqa: SIM905
)
_FIRST_WORDS = {**{name: name for name in _MODALITIES}, "MRI": "MR", "MRT": "MR", "PET": "PT", "CAT": "CT"}
_ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class OrderPart:
    """One order as one message tells it.

    ``cells``: what orders and reports both say; ``report``: what a final report adds. ``rank``: how well
    ``requested_at`` is founded, higher is better. ``cancels``: None if the message does not say.
    """

    numbers: dict[str, tuple[str, str]]
    cells: dict[str, str]
    requested_at: str
    rank: int
    cancels: bool | None
    is_final: bool
    report: dict[str, str]


@dataclass(slots=True)
class _Group:
    """The segments of one order; absent ones are empty."""

    orc: Segment
    obr: Segment
    others: list[Segment] = field(default_factory=list)

    def of(self, name: str) -> list[Segment]:
        return [one for one in self.others if one.name == name]


def order_parts(
    message: Message,
    is_order: bool,
    site_from: Sequence[SiteFrom],
    body_part_in: Callable[[str], str | None],
) -> Iterator[OrderPart | UnusablePart]:
    """Each order of a message, or why it cannot be used.

    :raises UnusablePart: the message holds none, or its patient or visit cannot be read.
    """
    patient, visit, shared, groups = _grouped(message)
    if not groups:
        raise UnusablePart("the message holds no order: neither ORC nor OBR")
    identity = _patient(patient)
    for group in groups:
        try:
            place = _site(message, visit, group, site_from)
            yield _part(
                message, group, shared, is_order, {"patient_id": identity, "site": place}, body_part_in
            )
        except UnusablePart as refusal:
            yield refusal


def _grouped(message: Message) -> tuple[Segment, Segment, list[Segment], list[_Group]]:
    """Patient, visit, what stands before the first order, and the orders."""
    nothing = Segment("", (), message.header.delimiters)
    patient, visit, shared, groups = nothing, nothing, list[Segment](), list[_Group]()
    for segment in message.segments:
        match segment.name:
            case "PID":
                patient = segment
            case "PV1":
                visit = segment
            case "ORC":
                groups.append(_Group(segment, nothing))
            case "OBR" if groups and groups[-1].obr is nothing:
                groups[-1].obr = segment
            case "OBR":
                groups.append(_Group(groups[-1].orc if groups else nothing, segment))
            case _ if groups:
                groups[-1].others.append(segment)
            case _:
                shared.append(segment)
    return patient, visit, shared, groups


def _part(
    message: Message,
    group: _Group,
    shared: list[Segment],
    is_order: bool,
    cells: dict[str, str],
    body_part_in: Callable[[str], str | None],
) -> OrderPart:
    numbers = _numbers(group)
    if not numbers:
        raise UnusablePart("no order number: ORC-2, ORC-3 and OBR-18 are empty", "inspection_id")
    status = group.obr.text(25) if not is_order else ""
    cells = cells | {
        "modality": _modality(group),
        "body_part": _body_part(group.obr, body_part_in),
        "protocol": group.obr.text(4),
        "icd10": _icd10([*group.of("DG1"), *shared], group.obr),
        "priority": _priority(group, shared),
    }
    requested_at, rank = _requested(message, group, is_order)
    return OrderPart(
        numbers,
        {name: value for name, value in cells.items() if value},
        requested_at,
        rank,
        True if status == "X" else _cancels(group.orc.text(1)),
        status == "F",
        _report(message, group.obr) if status == "F" else {},
    )


def _numbers(group: _Group) -> dict[str, tuple[str, str]]:
    """Placer, filler and accession number with the authority that gave it, as far as stated."""
    orc, obr = group.orc, group.obr
    ipc = next(iter(group.of("IPC")), orc)
    places = {
        "placer": ((obr, 2), (orc, 2)),
        "filler": ((obr, 3), (orc, 3)),
        "accession": ((obr, 18), (ipc, 1) if ipc is not orc else (obr, 18)),
    }
    found = {
        kind: next(
            ((one.text(at), one.text(at, 2)) for one, at in segments if one.text(at)),
            None,
        )
        for kind, segments in places.items()
    }
    return {kind: number for kind, number in found.items() if number is not None}


def _requested(message: Message, group: _Group, is_order: bool) -> tuple[str, int]:
    """ORC-9 is the time of the message's own act, so it is the request's only where the order is new."""
    control = group.orc.text(1)
    if is_order and control in _NEW and group.orc.text(9):
        return iso_time(group.orc.text(9), message.offset, "requested_at"), _NEW_ORDER
    at = iso_time(group.obr.text(6), message.offset, "requested_at")
    if not at:
        return "", 0
    if not is_order:
        return at, _REPORT
    return at, _NEW_ORDER if control in _NEW else _OTHER_ORDER


def _report(message: Message, obr: Segment) -> dict[str, str]:
    at = next((field for field in (32, 33) if _interpreter(obr, field)), 32)
    reported = iso_time(obr.text(22), message.offset, "reported_at")
    cells = {
        "reported_at": reported,
        "assigned_to": _interpreter(obr, at),
        "opened_at": _opened(message, obr, at, reported),
    }
    return {name: value for name, value in cells.items() if value}


def _interpreter(obr: Segment, at: int) -> str:
    """The person of an NDL field: its number, else its name."""
    return obr.text(at) or " ".join(filter(None, (obr.text(at, 1, part) for part in (2, 3))))


def _opened(message: Message, obr: Segment, at: int, reported: str) -> str:
    """When the interpreter began, the second component of an NDL field.

    Few systems state it, and some a mere date: whatever is no time up to the report's counts as not stated.
    """
    try:
        began = iso_time(obr.text(at, 2), message.offset, "opened_at")
        later = bool(reported) and datetime.fromisoformat(began) > datetime.fromisoformat(reported)
    except (UnusablePart, ValueError, TypeError):  # no time; none at all; one with an offset, one without
        return ""
    return "" if later else began


def _cancels(control: str) -> bool | None:
    if control in _CANCELS:
        return True
    return False if control in _CANNOT_CANCEL else None


def _patient(pid: Segment) -> str:
    for at, authority in ((3, 4), (2, 4)):
        if pid.text(at):
            return "^".join(filter(None, (pid.text(at), pid.text(at, authority))))
    return ""


def _site(message: Message, visit: Segment, group: _Group, site_from: Sequence[SiteFrom]) -> str:
    places = {
        "MSH-4": (message.header.text(4),),
        "PV1-3": (visit.text(3, 4), visit.text(3)),
        "ORC-17": (group.orc.text(17), group.orc.text(17, 2)),
    }
    return next((text for place in site_from for text in places[place] if text), "")


def _modality(group: _Group) -> str:
    stated = [ipc.text(5) for ipc in group.of("IPC")] + [group.obr.text(24)]
    for code in (one.upper() for one in stated):
        if code in _MODALITIES or code in _SECTIONS:
            return _SECTIONS.get(code, code)
    first = (_WORD.match(group.obr.text(4, component)) for component in (2, 1))
    return next((_FIRST_WORDS[one[0].upper()] for one in first if one and one[0].upper() in _FIRST_WORDS), "")


def _body_part(obr: Segment, body_part_in: Callable[[str], str | None]) -> str:
    return obr.text(15, 4, 2) or obr.text(15, 4) or body_part_in(obr.text(4, 2)) or ""


def _icd10(diagnoses: list[Segment], obr: Segment) -> str:
    """The first code of a system called I10 or ICD-10, or of none where it has the form of one."""
    coded = [(one, raw) for one in diagnoses if one.name == "DG1" for raw in one.repetitions(3)]
    coded += [(obr, raw) for raw in obr.repetitions(31)]
    for segment, raw in coded:
        for code, system in ((1, 3), (4, 6)):
            name = segment.part(raw, system).upper().replace("-", "").replace(" ", "")
            value = segment.part(raw, code).upper()
            if (not name or name.startswith(("I10", "ICD10"))) and _ICD10.fullmatch(value):
                return value
    return ""


def _priority(group: _Group, shared: list[Segment]) -> str:
    timing = [*group.of("TQ1"), *(one for one in shared if one.name == "TQ1")]
    codes = [one.text(9) for one in timing]
    codes += [group.orc.text(7, 6), group.obr.text(27, 6), group.obr.text(5)]
    return next((one for one in codes if one), "")
