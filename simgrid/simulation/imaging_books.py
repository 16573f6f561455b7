"""What happens to images and patients at the sites, inspection by inspection, and the office beside it."""

from __future__ import annotations

import numpy as np

from simgrid.domain.decision import GateVerdict, ImageReference
from simgrid.domain.inspection import Inspections
from simgrid.domain.quality_records import QualityRecords, SentBack
from simgrid.domain.units import FloatArray, IntArray, Seconds
from simgrid.domain.world import World
from simgrid.simulation.clock import Clock
from simgrid.simulation.office.appointments import Slots
from simgrid.simulation.office.billing import Ledgers
from simgrid.simulation.office.stock import Stock


class ImagingBooks:
    """Counts; S inspections. The office's processes are None where they are off."""

    def __init__(self, env: Clock, world: World, inspections: Inspections) -> None:
        rows, office = len(inspections), world.administration
        dose = world.acquisition.dose_msv
        self._dose_msv = [dose.get(kind.modality, 0.0) for kind in inspections.kinds]
        self._kind = inspections.kind
        self.acquisitions: IntArray = np.zeros(rows, dtype=np.int64)
        self.false_repeats: IntArray = np.zeros(rows, dtype=np.int64)
        self.missed: IntArray = np.zeros(rows, dtype=np.int64)
        self.recalls: IntArray = np.zeros(rows, dtype=np.int64)
        self.referred: IntArray = np.zeros(rows, dtype=np.int64)
        self.scanner_s: FloatArray = np.zeros(rows)
        self.staff_s: FloatArray = np.zeros(rows)
        self._sent_back: list[tuple[int, int, Seconds, Seconds]] = []
        self.slots: Slots | None = None
        self.stock: Stock | None = None
        self.billing: Ledgers | None = None
        if office is not None and office.appointments is not None:
            self.slots = Slots(office.appointments, tuple(site.scanners for site in world.sites))
        if office is not None and office.consumables is not None:
            self.stock = Stock(env, office.consumables, inspections, len(world.sites))
        if office is not None and office.billing is not None:
            if inspections.chances is None:
                raise ValueError("billing needs the inspections' chances: draw them with the world")
            points = inspections.of_kind("effort_points")
            self.billing = Ledgers(env, office.billing, points, inspections.chances.record)

    @classmethod
    def of(cls, env: Clock, world: World, inspections: Inspections) -> ImagingBooks | None:
        """The books; None where nothing asks for them."""
        asked = world.administration, world.acquisition.recall, inspections.pictures
        counted = bool(world.acquisition.dose_msv) or any(one is not None for one in asked)
        return cls(env, world, inspections) if counted else None

    def judged(self, image: ImageReference, verdict: GateVerdict, again: bool, attended_s: Seconds) -> None:
        """An acquisition that took the technologist so long has its verdict; ``again``: another follows."""
        row = image.inspection
        self.acquisitions[row] += 1
        self.referred[row] += verdict.referred
        self.staff_s[row] += attended_s + verdict.staff_s
        if again:
            self.false_repeats[row] += not image.defective
        else:
            self.missed[row] += image.defective

    def sent_back(self, row: int, radiologist: int, opened_s: Seconds, now_s: Seconds) -> None:
        """A radiologist could not read it: the patient is called back."""
        self.recalls[row] += 1
        self._sent_back.append((row, radiologist, opened_s, now_s))

    def records(self) -> QualityRecords:
        """Everything up to now."""
        row, who, opened_s, at_s = zip(*self._sent_back, strict=True) if self._sent_back else ((),) * 4
        dose = np.array(self._dose_msv, dtype=np.float64)
        return QualityRecords(
            acquisitions=self.acquisitions,
            false_repeats=self.false_repeats,
            missed=self.missed,
            recalls=self.recalls,
            referred=self.referred,
            scanner_s=self.scanner_s,
            staff_s=self.staff_s,
            dose_msv=self.acquisitions * dose[self._kind] if len(dose) else np.zeros(0),
            sent_back=SentBack(
                np.array(row, dtype=np.int64),
                np.array(who, dtype=np.int64),
                np.array(opened_s, dtype=np.float64),
                np.array(at_s, dtype=np.float64),
            ),
            slots=None if self.slots is None else self.slots.records(),
            billing=None if self.billing is None else self.billing.records(),
            stock=None if self.stock is None else self.stock.records(),
        )
