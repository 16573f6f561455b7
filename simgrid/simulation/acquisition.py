"""At the imaging site: scanners, and the quality gate that each acquisition passes before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from simgrid.domain.decision import ImageReference, QualityGate
from simgrid.domain.inspection import POLICY_LUCK, Inspections
from simgrid.domain.units import BoolArray, IntArray, Seconds
from simgrid.domain.world import Acquisition
from simgrid.simulation.clock import Clock
from simgrid.simulation.imaging_books import ImagingBooks
from simgrid.simulation.recorder import Event, Recorder


class Scanners:
    """One pool a site. A repeat keeps the scanner, so the next patient waits for it.

    ``books``: None where nobody counts what happens here.
    """

    def __init__(
        self,
        env: Clock,
        inspections: Inspections,
        pools: tuple[int, ...],
        times: Acquisition,
        gate: QualityGate,
        recorder: Recorder,
        then: Callable[[int], None],
        books: ImagingBooks | None = None,
    ) -> None:
        self._env = env
        self._inspections = inspections
        self._times = times
        self._gate = gate
        self._recorder = recorder
        self._then = then
        self._books = books
        self._slots = None if books is None else books.slots
        self._stock = None if books is None else books.stock
        self._drawn = inspections.defect.shape[1]
        self.due_s: dict[int, Seconds] = {}  # when the scan of each that has a scanner is over
        self._ahead_s: dict[int, Seconds] = {}
        self._before: dict[int, int] = {}  # acquisitions of earlier visits
        self._queues = [simpy.Store(env) for _ in pools]
        self.repeats: IntArray = np.zeros(len(inspections), dtype=np.int64)
        self.defect_missed: BoolArray = np.zeros(len(inspections), dtype=np.bool_)
        for queue, scanners in zip(self._queues, pools, strict=True):
            for _ in range(scanners):
                env.process(self._scanner(queue))

    def acquire(self, row: int) -> None:
        """The patient is there: queue, or wait for the slot where sites have appointments."""
        if self._slots is None:
            self._come(row)
        else:
            self._come_from(row, self._env.now)

    def take_up(self, row: int, left_s: Seconds | None) -> None:
        """A patient who was there before the run: in the queue, or so long before the end of the scan."""
        if left_s is not None:
            self._ahead_s[row] = left_s
        self._come(row)

    def again(self, row: int, delay_s: Seconds) -> None:
        """The patient is called back and comes so much later, or in the first slot that is free then."""
        if self._slots is None:
            self._env.after(delay_s, self._come, row)
        else:
            self._come_from(row, self._env.now + delay_s)

    def _come_from(self, row: int, from_s: Seconds) -> None:
        if self._slots is None:
            raise RuntimeError("a slot is booked where there are none")
        site, now = int(self._inspections.site[row]), self._env.now
        self._slots.turn(site, now)
        at_s = self._slots.book(site, from_s)
        if at_s > now:
            self._env.after(at_s - now, self._come, row)
        else:
            self._come(row)

    def _come(self, row: int) -> None:
        self._queues[self._inspections.site[row]].put(row)

    def _scanner(self, queue: simpy.Store) -> Generator[simpy.Event, Any, None]:
        while True:
            row = yield queue.get()
            began_s = self._env.now
            self._recorder.mark("scanner", row, began_s)
            if self._stock is not None and (there := self._stock.take(row)) is not None:
                yield there
            self._recorder.mark("scan", row, self._env.now)
            scan_s = self._ahead_s.pop(row, self._times.scan_s)
            self.due_s[row] = self._env.now + scan_s
            if scan_s:
                yield self._env.timeout(scan_s)
            yield from self._until_passed(row)
            del self.due_s[row]
            if self._books is not None:
                self._books.scanner_s[row] += self._env.now - began_s
            self._then(row)

    def _until_passed(self, row: int) -> Generator[simpy.Event, Any, None]:
        """Have the acquisition judged, and taken again as often as it must and may be."""
        before, attended_s = self._before.get(row, 0), self._times.scan_s
        for attempt in range(self._times.max_repeats + 1):
            image = self._image(row, before + attempt)
            verdict = self._gate.judge(image)
            self._recorder.mark("gate", row, self._env.now)
            if verdict.took_s:
                yield self._env.timeout(verdict.took_s)
            again = verdict.verdict in ("repeat", "reject") and attempt < self._times.max_repeats
            if self._books is not None:
                self._books.judged(image, verdict, again, attended_s)
                if self._slots is not None:
                    self._slots.used(int(self._inspections.site[row]))
            if not again:
                self.defect_missed[row] = image.defective
                if self._times.recall is not None:
                    self._before[row] = before + attempt + 1
                return
            self.repeats[row] += 1
            self._recorder.event(Event.REPEATED, row, self._env.now, attempt)
            if self._slots is not None:
                self._slots.book(int(self._inspections.site[row]), self._env.now)
            if self._stock is not None and (there := self._stock.take(row)) is not None:
                yield there
            attended_s = self._times.repeat_s
            self._recorder.mark("scan", row, self._env.now)
            yield self._env.timeout(self._times.repeat_s)

    def _image(self, row: int, acquisition: int) -> ImageReference:
        of = self._inspections
        kind = of.kinds[of.kind[row]]
        drawn = min(acquisition, self._drawn - 1)
        return ImageReference(
            inspection=row,
            modality=kind.modality,
            body_part=kind.body_part,
            attempt=acquisition,
            defective=bool(of.defect[row, drawn]),
            luck=float(of.luck[row, POLICY_LUCK + drawn]),
            planted=None if of.pictures is None else of.pictures.of(row, drawn),
        )
