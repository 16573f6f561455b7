"""The schema of the grid's systems: one key a system, absent where it is off. Defaults are the ideal ones."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simgrid.scenario.fields import Bandwidth, Count, Duration, DurationOrZero, Flag, Share, Size, Strictly
from simgrid.scenario.schema_copies import IndexSpec, RedundancySpec
from simgrid.scenario.schema_images import PriorsSpec, ViewerSpec
from simgrid.scenario.schema_links import FailuresSpec
from simgrid.scenario.schema_platform import MonitoringSpec

Times = Annotated[float, Field(strict=True, ge=1, le=100)]


class RetrySpec(Strictly):
    """A worker's wait before it tries again: the ``first``, each ``factor`` times longer, at ``most``."""

    first: Duration = 30.0
    factor: Times = 2.0
    most: Duration = 3600.0


class CompressionSpec(Strictly):
    """Lossless: the ``ratio``, and the ``speed`` at which the sender compresses (absent: at once)."""

    ratio: Times
    speed: Bandwidth | None = None


class TransfersSpec(Strictly):
    """What moving images costs beside their bytes, and what becomes of a transfer whose link goes down."""

    streams: Count = 1
    cap: Bandwidth | None = None
    latency: DurationOrZero = 0.0
    per_image: DurationOrZero = 0.0
    overhead: Share = 0.0
    compression: CompressionSpec | None = None
    broken: Literal["stall", "resume", "restart"] = "stall"
    retry: RetrySpec = RetrySpec()


class AgentsSpec(Strictly):
    """The Grid Agents: ``receive`` at the interface, messages, and how many workers (absent: any number).

    ``faults``: each agent fails at random, and does nothing until it is back.
    """

    receive: DurationOrZero = 0.0
    message: DurationOrZero = 0.0
    message_size: Size = 2000.0
    transfer_workers: Count | None = None
    import_workers: Count | None = None
    delete_workers: Count | None = None
    ageing: Duration | None = None
    faults: FailuresSpec | None = None


class SessionSpec(Strictly):
    """Reading quickens within each rostered span: by ``speed_up`` in the end, linearly over ``within``."""

    speed_up: Share = 0.16
    within: Duration = 3600.0


class ReadingSpec(Strictly):
    """How everybody behaves at the desk.

    ``end_of_shift``: an open study is read to its end (``finish``) or waits for the next shift (``park``);
    ``hand-over`` also sends what lies unopened back for a new decision. ``interruption``: an urgent study
    interrupts a routine one. ``resume``: what it takes to find one's way back into a study laid aside.
    """

    end_of_shift: Literal["finish", "park", "hand-over"] = "finish"
    interruption: Flag = False
    resume: DurationOrZero = 0.0
    session: SessionSpec | None = None


class FeedbackSpec(Strictly):
    """Reviews of the reports refresh the ratings that policies see.

    ``weight``: the reports for which the ratings believed at first count.
    """

    every: Duration = 604800.0
    weight: Annotated[float, Field(strict=True, gt=0, le=1e6)] = 100.0


class GridSpec(Strictly):
    """Every system of the grid that is on.

    ``delivery``: images go to the assigned unit (absent too), to every unit as soon as they are uploaded
    (``broadcast``), or to the assigned unit when the study is opened (``pull``).
    """

    transfers: TransfersSpec | None = None
    agents: AgentsSpec | None = None
    reading: ReadingSpec | None = None
    feedback: FeedbackSpec | None = None
    redundancy: RedundancySpec | None = None
    index: IndexSpec | None = None
    monitoring: MonitoringSpec | None = None
    delivery: Literal["assigned", "broadcast", "pull"] | None = None
    viewer: ViewerSpec | None = None
    priors: PriorsSpec | None = None
