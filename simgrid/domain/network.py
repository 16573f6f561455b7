"""The wires: links with a capacity, and the places they join."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.data_platform import DataPlatform, Streaming
from simgrid.domain.distribution import Distribution
from simgrid.domain.units import BitsPerSecond, Seconds


@dataclass(frozen=True, slots=True)
class Access:
    """A place's own full-duplex connection to the network."""

    up_bps: BitsPerSecond
    down_bps: BitsPerSecond


@dataclass(frozen=True, slots=True)
class DataCentre:
    """Where every study is sent first and from where the assigned ones are delivered.

    Without a ``platform`` it files and finds at once.
    """

    access: Access
    name: str = "data-centre"
    platform: DataPlatform | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A non-local client that retrieves images from the data centre and thereby loads the network.

    It asks for studies that were requested within ``of_last_s`` before; ``streaming`` is for mobile clients.
    """

    name: str
    access: Access
    retrievals_per_hour: float
    retrieval_bytes: Distribution
    of_last_s: Seconds = float("inf")
    streaming: Streaming | None = None
