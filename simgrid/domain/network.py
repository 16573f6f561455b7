"""The wires: links with a capacity, and the places they join."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.distribution import Distribution
from simgrid.domain.units import BitsPerSecond


@dataclass(frozen=True, slots=True)
class Access:
    """A place's own full-duplex connection to the network."""

    up_bps: BitsPerSecond
    down_bps: BitsPerSecond


@dataclass(frozen=True, slots=True)
class DataCentre:
    """Where every study is sent first and from where the assigned ones are delivered."""

    access: Access
    name: str = "data-centre"


@dataclass(frozen=True, slots=True)
class Client:
    """A non-local client that retrieves images from the data centre and thereby loads the network."""

    name: str
    access: Access
    retrievals_per_hour: float
    retrieval_bytes: Distribution
