"""Where links are: a star of full-duplex access lines around a backbone that never limits."""

from __future__ import annotations

from collections.abc import Mapping

from simgrid.domain.units import BitsPerSecond


def up(node: str) -> str:
    """The link from a node into the network."""
    return f"{node}/up"


def down(node: str) -> str:
    """The link from the network to a node."""
    return f"{node}/down"


def agent(node: str) -> str:
    """The node's Grid Agent, through which the images of all its transfers go."""
    return f"{node}/agent"


def route(sender: str, receiver: str) -> tuple[str, str]:
    """The links a transfer crosses; ValueError when a node sends to itself, which crosses none."""
    if sender == receiver:
        raise ValueError(f"{sender!r} sends to itself: a local copy crosses no link, leave it out")
    return up(sender), down(receiver)


def star(access_bps: Mapping[str, BitsPerSecond]) -> dict[str, BitsPerSecond]:
    """Capacities of a star: each node's bits per second, in both directions at once."""
    return {link(node): bps for node, bps in access_bps.items() for link in (up, down)}
