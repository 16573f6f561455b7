"""What happened to images, patients and the site's office in a run; there where a scenario asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.units import FloatArray, IntArray, Seconds


@dataclass(frozen=True, slots=True)
class SentBack:
    """Studies that came back from the desk for their images, in order of time; shape (N,).

    ``radiologist`` had it open from ``opened_s`` to ``at_s``.
    """

    inspection: IntArray
    radiologist: IntArray
    opened_s: FloatArray
    at_s: FloatArray


@dataclass(frozen=True, slots=True)
class SlotRecords:
    """Appointments; G sites. ``offered`` (G,): slots up to the last one booked, ``free`` of them were not.

    ``booked`` (G,) slots were ``used`` by an acquisition, or are ``ahead`` when the run ends.
    """

    offered: IntArray
    free: IntArray
    booked: IntArray
    used: IntArray
    ahead: IntArray
    staff_s: Seconds


@dataclass(frozen=True, slots=True)
class BillingRecords:
    """Effort points by inspection, shape (S,) each: ``filed``, or ``pending`` for want of a correction."""

    filed: FloatArray
    pending: FloatArray
    corrections: int
    staff_s: Seconds


@dataclass(frozen=True, slots=True)
class StockRecords:
    """Sets at G sites, shape (G,) each: ``initial`` plus ``delivered`` less ``used`` are ``left``.

    ``ordered`` were delivered or are ``under_way``. ``waits``: acquisitions that found no set on the shelf,
    for ``waited_s`` in all.
    """

    initial: IntArray
    ordered: IntArray
    delivered: IntArray
    under_way: IntArray
    used: IntArray
    left: IntArray
    waits: IntArray
    waited_s: FloatArray
    staff_s: Seconds


@dataclass(frozen=True, slots=True)
class QualityRecords:
    """One entry an inspection, shape (S,) each, and the books of the office.

    ``acquisitions`` that were judged; ``false_repeats``: repeats of one that was not defective;
    ``missed``: defective ones that the gate let pass; ``recalls``: times that the patient was called back;
    ``referred``: verdicts left to a person. ``scanner_s``: scanner taken, ``staff_s``: the technologist's
    time at scanner and gate, ``dose_msv``: of all acquisitions.
    """

    acquisitions: IntArray
    false_repeats: IntArray
    missed: IntArray
    recalls: IntArray
    referred: IntArray
    scanner_s: FloatArray
    staff_s: FloatArray
    dose_msv: FloatArray
    sent_back: SentBack
    slots: SlotRecords | None = None
    billing: BillingRecords | None = None
    stock: StockRecords | None = None
