"""The schema of images at the sites: real ones with planted defects, what follows, and the office."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simgrid.scenario.fields import (
    Count,
    Dose,
    Duration,
    DurationOrZero,
    Flag,
    Share,
    Strictly,
    Text,
    Weight,
    Whole,
    refuse,
)

Severity = Annotated[float, Field(strict=True, gt=0, le=1)]


class SeveritySpec(Strictly):
    """The severities that a planted defect may have on its physical scale, 0 mild to 1 gross, by ``shares``.

    ``shares`` absent: all alike. An image of which at least ``relevant`` is spoiled cannot be read: only that
    is a defect which a gate should find.
    """

    levels: Annotated[tuple[Severity, ...], Field(min_length=1, max_length=10)] = (0.25, 0.5, 0.75, 1.0)
    shares: Annotated[tuple[Share, ...], Field(max_length=10)] = ()
    relevant: Share = 0.35

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(set(self.levels)) != len(self.levels):
            raise refuse("E202", "a level stands twice", "keep one of each")
        if self.shares and len(self.shares) != len(self.levels):
            message = f"{len(self.shares)} shares for {len(self.levels)} levels"
            raise refuse("E209", message, "give one a level, or none for all alike")
        return self


class ImagesSpec(Strictly):
    """Real images for the inspections, in which ``defects`` (shares of acquisitions) are planted.

    ``source``: ``pydicom`` comes with the installation; others are sources or roles (``train``, ``test``) of
    ``simgrid qa fetch-data``. Or ``folder``: one's own DICOM files. ``kinds``: weights of the defects, of
    those possible in the modality (absent: all alike that a repeat helps against). ``looks``: different
    images of one image, defect and severity.
    """

    source: Text = "pydicom"
    folder: Text | None = None
    kinds: dict[Text, Weight] = Field(default_factory=dict)
    severity: SeveritySpec = SeveritySpec()
    looks: Annotated[Count, Field(le=1000)] = 2


class RecallSpec(Strictly):
    """Missed defects ``found`` at the desk: the study goes back, the patient comes again after ``delay``.

    ``notice``: how long the radiologist looks at it. ``most``: times an inspection may be sent back.
    """

    found: Share = 0.9
    notice: DurationOrZero = 120.0
    delay: DurationOrZero = 2 * 86400.0
    most: Annotated[Count, Field(le=5)] = 1


class AcquisitionSpec(Strictly):
    """Scanner time of a study and of a repeat.

    ``dose``: by modality, the effective dose of one acquisition (a proxy). ``recall``: what becomes of
    defects that the gate missed; absent: nobody ever finds them.
    """

    scan: DurationOrZero = 0.0
    repeat: DurationOrZero = 600.0
    max_repeats: Annotated[Whole, Field(le=10)] = 2
    dose: dict[Text, Dose] = Field(default_factory=dict)
    recall: RecallSpec | None = None


class AppointmentsSpec(Strictly):
    """Each acquisition has a slot of a scanner; booked by hand, or by a ``bot`` that leaves people little."""

    bot: Flag = False
    slot: Duration = 900.0
    by_hand: DurationOrZero = 240.0
    by_bot: DurationOrZero = 20.0


class BillingSpec(Strictly):
    """A record of effort points for each report; wrong ones are corrected and filed later."""

    bot: Flag = False
    by_hand: DurationOrZero = 180.0
    by_bot: DurationOrZero = 10.0
    wrong_by_hand: Share = 0.08
    wrong_by_bot: Share = 0.01
    correction: DurationOrZero = 600.0
    correction_after: DurationOrZero = 86400.0


class ConsumablesSpec(Strictly):
    """Sets that an acquisition takes, by modality (``use``), and how each site's shelf is filled up again.

    By hand the shelf is counted every ``count_every`` and orders are written; the bot does both itself.
    """

    use: Annotated[dict[Text, Annotated[Count, Field(le=100)]], Field(min_length=1)]
    bot: Flag = False
    initial: Whole = 60
    reorder_at: Whole = 20
    quantity: Count = 40
    lead: DurationOrZero = 2 * 86400.0
    count_every: Duration = 86400.0
    count: DurationOrZero = 900.0
    order: DurationOrZero = 600.0
    bot_order: DurationOrZero = 60.0


class AdministrationSpec(Strictly):
    """The office's processes; each is off where it is absent."""

    appointments: AppointmentsSpec | None = None
    billing: BillingSpec | None = None
    consumables: ConsumablesSpec | None = None
