"""Waiting for one of several radiologists in the steady state: Erlang's C formula, with two urgencies.

Poisson requests, exponential readings, one queue. Source of the formula: Erlang 1917; of the two classes
(urgent ones first, nothing interrupted): Cobham, Operations Research 2 (1954) 70, doi 10.1287/opre.2.1.70.
For other spreads of the reading time the wait is multiplied by (1 + cv^2) / 2 (Lee and Longton, Operational
Research Quarterly 10 (1959) 56), exact for one radiologist and an approximation for more.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, sqrt

from simgrid.domain.units import Seconds

LONG_AGAINST = 3.0
"""An hour must hold so many mean readings for the steady state to say anything about it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """``probability`` that a request must wait, and the mean wait of all (urgent and routine apart)."""

    probability: float
    urgent_s: Seconds
    routine_s: Seconds

    def beyond(self, limit_s: Seconds, *, urgent: bool) -> float:
        """The share of the urgent or routine requests that wait longer than the limit.

        The wait of those who wait is exponential: exact for urgent ones, an approximation for others.
        """
        mean_s = self.urgent_s if urgent else self.routine_s
        return self.probability * exp(-limit_s * self.probability / mean_s) if mean_s else 0.0


def erlang_c(servers: int, offered: float) -> float:
    """The probability that all servers are busy, for ``offered`` = arrival rate x mean service time.

    By the recursion of Erlang's B, which neither overflows nor cancels.

    :raises ValueError: unless there is a server and 0 <= offered < servers.
    """
    if not (servers >= 1 and 0 <= offered < servers):
        raise ValueError(
            f"{offered} offered to {servers} servers: the steady state needs 0 <= offered < servers"
        )
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return servers * blocked / (servers - offered * (1 - blocked))


def settles_in_s(servers: int, offered: float, service_s: Seconds) -> Seconds:
    """How long the queue needs to forget its beginning: the relaxation time, infinite when it never does.

    service / (c (1 - sqrt(rho))^2), exact for one server (Morse, Operations Research 3 (1955) 255) and the
    same form for several that are busy.
    """
    use = offered / servers
    return inf if use >= 1 else service_s / (servers * (1 - sqrt(use)) ** 2)


def waiting(
    servers: int, per_s: float, service_s: Seconds, cv: float, urgent_share: float, lasting_s: Seconds
) -> Waiting | None:
    """Waiting under ``per_s`` requests a second, of which ``urgent_share`` go first, for so long.

    None, the formula refused, where the steady state says nothing: no server, as much work as time or more, a
    period shorter than ``LONG_AGAINST`` mean readings, or shorter than the queue needs to settle.
    """
    offered = per_s * service_s
    if servers < 1 or offered >= servers or lasting_s < LONG_AGAINST * service_s:
        return None
    if settles_in_s(servers, offered, service_s) > lasting_s:
        return None
    if not offered:
        return Waiting(0.0, 0.0, 0.0)
    busy = erlang_c(servers, offered)
    residual_s = busy * service_s / servers * (1 + cv**2) / 2
    urgent_s = residual_s / (1 - urgent_share * offered / servers)
    return Waiting(busy, urgent_s, urgent_s / (1 - offered / servers))
