"""Orders and reports of an HL7 v2 feed, joined by their numbers: one row an order.

What counts as read is an *order*: every order of ORM, OMI or OMG messages comes out once, as a row or as a
refusal; so does every report (ORU) that no order fits, and every message or order in it that cannot be used.
Reports and later messages of an order add to its row. Where each cell comes from:

========================  ==================================================================================
inspection_id             placer number (ORC-2, OBR-2), else filler number (ORC-3, OBR-3), else accession
site                      the first of ``site_from`` that is there
requested_at              ORC-9 of a new order, else OBR-6; never OBR-7, when the examination took place
modality                  IPC-5, else OBR-24, else the word that OBR-4's text or code begins with
body_part                 OBR-15.4, else what ``body_part_in`` finds in OBR-4's text
protocol                  OBR-4.1
icd10                     DG1-3, else OBR-31, where coded in ICD-10
priority                  TQ1-9, else ORC-7.6, OBR-27.6, OBR-5, as they stand
assigned_to, reported_at  OBR-32 else OBR-33, and OBR-22, of the first report whose OBR-25 is F (final)
opened_at                 where the sender states it: OBR-32.2, when that person began (OBR-33.2 with OBR-33)
patient_id                PID-3, else PID-2, with its authority; nothing else of PID is looked at
========================  ==================================================================================
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

from simgrid.workload.replay.hl7_messages import Frame, Message, UnusablePart, frames, parse
from simgrid.workload.replay.hl7_orders import KEY_KINDS, OrderPart, SiteFrom, order_parts
from simgrid.workload.replay.log_files import LogError, Told, open_log
from simgrid.workload.replay.rows import RawRow, Rejected, refuse

MOST_ORDERS = 500_000
"""Orders held at once while reports are awaited; a longer feed is read in parts."""

_ORDERS = frozenset({"ORM", "OMI", "OMG"})
_REPORTS = frozenset({"ORU"})
_CANCELLED = "the order was cancelled (ORC-1 CA, DC and the like, or OBR-25 X): nothing was to be read"
_NOT_FINAL = "a report that is not final, and no order with its numbers: nothing says what was requested"
_ORPHAN = "a report without its order, and OBR-6 does not say when it was requested: add the order messages"
_MOST_AUTHORITIES = 100
_OVERUSED = f"over {_MOST_AUTHORITIES} authorities use its number: is it a number at all?"
_TWO_ORDERS = "its numbers belong to two different orders: correct ORC-2, ORC-3 or OBR-18"


def read_hl7(
    paths: Iterable[str | Path],
    *,
    site_from: Sequence[SiteFrom] = ("MSH-4", "PV1-3", "ORC-17"),
    body_part_in: Callable[[str], str | None] = lambda _: None,
    told: Told | None = None,
) -> Iterator[RawRow | Rejected]:
    """Every order of the files, and of all files below the folders, given; in order of their first message.

    Messages stream; of each order one small record stays in memory until the end, since its report may be in
    any later file. Refused messages come first. ``line`` of a row is the number of the order's first message
    in its file. The files of a folder count as one, in the order of their names, and ``source`` is the
    folder, since a file's name may tell who the patient is. ``body_part_in``: such as
    ``CodeTables.body_part_in_text``. ``told`` hears of the bytes read.

    Raises:
        LogError: a path cannot be read, or there are more than half a million orders.
    """
    book = _Book()
    for given in paths:
        yield from _entered(book, Path(given), site_from, body_part_in, told)
    yield from (order.outcome() for order in book.orders)


def _entered(
    book: _Book,
    given: Path,
    site_from: Sequence[SiteFrom],
    body_part_in: Callable[[str], str | None],
    told: Told | None,
) -> Iterator[Rejected]:
    """Enter a file, or the files below a folder as if they were one; what cannot be used comes back."""
    source, number, in_folder = str(given), 0, given.is_dir()
    for place, path in enumerate(_files_below(given) if in_folder else [given], 1):
        if in_folder and not path.is_file():
            yield refuse(
                source, number, "", "", f"file {place} is no regular file: copy its content into one"
            )
            continue
        where, before = f" (in file {place} by name)" if in_folder else "", number
        with open_log(path, told) as stream:
            for frame in frames(stream):
                number = before + frame.number
                for refusal in _taken(book, frame, source, number, site_from, body_part_in):
                    yield refuse(source, number, refusal.field, refusal.value, refusal.reason + where)


@dataclass(slots=True)
class _Order:
    """What is known of one order so far. ``rank``: how well the time of request is known."""

    source: str
    line: int
    numbers: dict[str, tuple[str, str]]
    cells: dict[str, str] = field(default_factory=dict)
    is_ordered: bool = False
    is_cancelled: bool = False
    is_final: bool = False
    rank: int = 0

    def add(self, part: OrderPart, is_order: bool) -> None:
        """Take in one more message: orders overrule, reports only add, the first final report counts."""
        self.is_ordered |= is_order
        self.is_cancelled = part.cancels if part.cancels is not None else self.is_cancelled
        for name, value in part.cells.items():
            if is_order or name not in self.cells:
                self.cells[name] = value
        if part.requested_at and part.rank > self.rank:
            self.rank, self.cells["requested_at"] = part.rank, part.requested_at
        if part.is_final and not self.is_final:
            self.is_final = True
            self.cells |= part.report

    def outcome(self) -> RawRow | Rejected:
        """The row, or why there is none."""
        number = next(
            "^".join(filter(None, self.numbers[kind])) for kind in KEY_KINDS if kind in self.numbers
        )
        if self.is_cancelled:
            return refuse(self.source, self.line, "inspection_id", number, _CANCELLED)
        if not self.is_ordered and not (self.is_final and self.rank):
            return refuse(
                self.source, self.line, "inspection_id", number, _ORPHAN if self.is_final else _NOT_FINAL
            )
        return RawRow(self.source, self.line, self.cells | {"inspection_id": number})


class _Book:
    """All orders, found again by any of their numbers."""

    def __init__(self) -> None:
        self.orders: list[_Order] = []
        # A number leads to the one order that has it, seldom to several: hence no list for each.
        self._at: dict[str, dict[str, int | tuple[int, ...]]] = {kind: {} for kind in KEY_KINDS}

    def enter(self, part: OrderPart, source: str, line: int) -> _Order:
        """The order that this part is about, a new one if none fits.

        :raises UnusablePart: it fits several orders, or its number fits too many.
        """
        place = self._find(part.numbers)
        if place is None:
            if len(self.orders) >= MOST_ORDERS:
                raise LogError([f"{source}: more than {MOST_ORDERS:,} orders: replay the feed in parts"])
            place = len(self.orders)
            self.orders.append(_Order(source, line, {}))
        order = self.orders[place]
        for kind, (number, authority) in part.numbers.items():
            if kind not in order.numbers:
                order.numbers[kind] = (number, intern(authority))
                known = self._places(kind, number)
                self._at[kind][number] = (*known, place) if known else place
        return order

    def _find(self, numbers: Mapping[str, tuple[str, str]]) -> int | None:
        """The placer's or filler's number decides; the accession number only where they do not contradict."""
        found = {kind: self._with(kind, numbers) for kind in KEY_KINDS}
        own = found["placer"] | found["filler"]
        if not own:
            own = {place for place in found["accession"] if self._agrees(self.orders[place], numbers)}
        if len(own) > 1:
            raise UnusablePart(_TWO_ORDERS)
        return own.pop() if own else None

    def _with(self, kind: str, numbers: Mapping[str, tuple[str, str]]) -> set[int]:
        """Places under a number; two authorities that are both stated and differ are two numbers."""
        if kind not in numbers:
            return set()
        number, authority = numbers[kind]
        return {
            place
            for place in self._places(kind, number)
            if not authority or self.orders[place].numbers[kind][1] in {"", authority}
        }

    def _places(self, kind: str, number: str) -> tuple[int, ...]:
        known = self._at[kind].get(number, ())
        if isinstance(known, int):
            return (known,)
        if len(known) > _MOST_AUTHORITIES:
            raise UnusablePart(_OVERUSED)
        return known

    @staticmethod
    def _agrees(order: _Order, numbers: Mapping[str, tuple[str, str]]) -> bool:
        return not any(kind in order.numbers and kind in numbers for kind in ("placer", "filler"))


def _taken(
    book: _Book,
    frame: Frame,
    source: str,
    number: int,
    site_from: Sequence[SiteFrom],
    body_part_in: Callable[[str], str | None],
) -> Iterator[UnusablePart]:
    """Enter one message into the book; what of it cannot be used comes back."""
    if frame.problem:
        yield UnusablePart(frame.problem)
        return
    try:
        message = parse(frame.lines)
        is_order = _is_order(message)
        parts = list(order_parts(message, is_order, site_from, body_part_in))
    except UnusablePart as refusal:
        yield refusal
        return
    for part in parts:
        try:
            if isinstance(part, UnusablePart):
                raise part
            order = book.enter(part, source, number)
        except UnusablePart as refusal:
            yield refusal
        else:
            order.add(_shared(part), is_order)


def _is_order(message: Message) -> bool:
    kind = message.header.text(9)
    if kind not in _ORDERS | _REPORTS:
        raise UnusablePart("MSH-9 is neither an order (ORM, OMI, OMG) nor a report (ORU): leave it out")
    return kind in _ORDERS


def _shared(part: OrderPart) -> OrderPart:
    """The part with one copy only of texts that thousands of orders repeat."""
    for name, value in part.cells.items():
        part.cells[name] = intern(value)
    return part


def _files_below(folder: Path) -> Iterator[Path]:
    """What is no folder, ordered by name; hidden entries and linked folders are left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))
