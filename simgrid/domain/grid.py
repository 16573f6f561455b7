"""The grid's systems and their parameters: one field of ``Grid`` a system, None where it is off.

A system that is on but ideal (its defaults here) changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.domain.copies import IndexRules, Redundancy
from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.feedback import Feedback
from simgrid.domain.lines import Failures
from simgrid.domain.priors import PriorFetching
from simgrid.domain.units import BitsPerSecond, Bytes, Seconds
from simgrid.domain.viewing import Delivery, Viewer

Broken: TypeAlias = Literal["stall", "resume", "restart"]
SeenBandwidth: TypeAlias = Literal["capacity", "free"]


@dataclass(frozen=True, slots=True)
class Retry:
    """How long a worker waits before it tries again: ``first_s``, each time ``factor`` times longer."""

    first_s: Seconds = 30.0
    factor: float = 2.0
    most_s: Seconds = 3600.0

    def wait_s(self, failures: int) -> Seconds:
        """The wait after so many failures in a row, 1 or more."""
        grown = self.first_s * self.factor ** min(failures - 1, 64)
        return min(grown, self.most_s)


@dataclass(frozen=True, slots=True)
class TransferRules:
    """What moving images costs beside their bytes.

    ``streams``: parallel streams, the transfer's weight on shared links. ``cap_bps``: the most that one
    transfer gets. ``latency_s``: to set up the one association; ``image_latency_s``: each image's round
    trip on it. ``overhead``: the protocol's share on top of the bytes sent. ``compression``: lossless ratio;
    ``compression_bytes_s``: bytes that the sender compresses in a second. ``broken``: what becomes of a
    transfer whose link goes down: it stalls until the link is back, or its worker tries again as ``retry``
    says, with what was left (``resume``) or from the start (``restart``).
    """

    streams: float = 1.0
    cap_bps: BitsPerSecond | None = None
    latency_s: Seconds = 0.0
    image_latency_s: Seconds = 0.0
    overhead: float = 0.0
    compression: float = 1.0
    compression_bytes_s: float = float("inf")
    broken: Broken = "stall"
    retry: Retry = Retry()

    def sent_bytes(self, size_bytes: Bytes) -> Bytes:
        """Bytes on the wire for a study of ``size_bytes``."""
        return size_bytes / self.compression * (1 + self.overhead)

    def setup_s(self, size_bytes: Bytes, images: int) -> Seconds:
        """Seconds that pass before and beside the bytes: compressing, associating, one trip an image."""
        return self.latency_s + images * self.image_latency_s + size_bytes / self.compression_bytes_s


@dataclass(frozen=True, slots=True)
class Agents:
    """The Grid Agents of sites and units: their interface, their messages and their workers.

    ``receive_s``: from the modality to the agent's task list. ``message_s``: a message between an agent and
    the Grid Manager; ``message_bytes`` only counts, messages are small. ``..._workers``: how many transfers,
    imports and deletions one agent does at once, None for any number. ``ageing_s``: a routine job goes
    before urgent ones that came this much later.
    """

    receive_s: Seconds = 0.0
    message_s: Seconds = 0.0
    message_bytes: Bytes = 2000.0
    transfer_workers: int | None = None
    import_workers: int | None = None
    delete_workers: int | None = None
    ageing_s: Seconds = float("inf")
    faults: Failures | None = None


@dataclass(frozen=True, slots=True)
class Monitoring:
    """How fresh the optimisation service's picture of the grid is.

    ``every_s``: the agents post a sample so often, 0 for the present itself. ``bandwidth``: what is posted of
    a unit's link, its ``capacity`` or what a further transfer would get of it now (``free``).
    """

    every_s: Seconds = 0.0
    bandwidth: SeenBandwidth = "capacity"


@dataclass(frozen=True, slots=True)
class Grid:
    """Every system; the study's architecture has them all (doi 10.1016/j.cmpb.2015.10.005)."""

    transfers: TransferRules | None = None
    agents: Agents | None = None
    reading: DeskRules | None = None
    feedback: Feedback | None = None
    redundancy: Redundancy | None = None
    index: IndexRules | None = None
    monitoring: Monitoring | None = None
    delivery: Delivery | None = None
    viewer: Viewer | None = None
    priors: PriorFetching | None = None
