"""A whole set of flows at once: when does each one end? For replays, audits and outside engines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from simgrid.domain.units import BitsPerSecond, Seconds
from simgrid.network.fairshare import SharedLinks
from simgrid.network.flows import (
    CapacityChange,
    Flow,
    check_capacities,
    check_change,
    check_flow,
    check_path,
    check_time,
)


def completion_times(
    capacity_bps: Mapping[str, BitsPerSecond],
    flows: Sequence[Flow],
    changes: Sequence[CapacityChange] = (),
) -> list[Seconds]:
    """The clock time at which each flow ends, in the order of ``flows``; inf when it never does.

    ``capacity_bps`` holds bits per second per link, sizes are bytes (8 bits each), times seconds. Flows and
    changes may come in any order. At one instant ends come first, then changes in the order given, then
    starts: a flow that starts as its link goes down waits. Runs on the engine that the model uses
    (weighted max-min sharing, see ``SharedLinks``).

    ValueError: as ``SharedLinks``, naming the place (``flows[3]``), all problems at once; whatever is not a
    number, a path, a flow or a change where one is expected included.
    """
    _check(capacity_bps, flows, changes)
    network = SharedLinks(capacity_bps)
    ends = [math.inf] * len(flows)
    position: list[int] = []
    events = [(change.at_s, 0, k) for k, change in enumerate(changes)]
    events += [(flow.start_s, 1, k) for k, flow in enumerate(flows)]
    for at_s, kind, k in sorted(events):
        if kind == 0:
            network.set_capacity(at_s, changes[k].link, changes[k].capacity_bps)
        else:
            flow = flows[k]
            network.start(at_s, flow.size_bytes, flow.path, flow.weight, flow.cap_bps)
            position.append(k)
    last_s = max((at_s for at_s, _, _ in events), default=0.0)
    while (next_s := network.next_completion_s()) < math.inf:
        for end_s, flow_id in network.completions(max(next_s, last_s)):
            ends[position[flow_id]] = end_s
    return ends


def _check(capacity_bps: object, flows: Sequence[object], changes: Sequence[object]) -> None:
    problems = _complaints("", check_capacities, capacity_bps)
    links = capacity_bps if isinstance(capacity_bps, Mapping) else {}
    for k, flow in enumerate(flows):
        if not isinstance(flow, Flow):
            problems.append(f"flows[{k}]: expected a Flow, got {flow!r}")
            continue
        problems += _complaints(f"flows[{k}]: ", check_path, flow.path, links)
        problems += _complaints(f"flows[{k}]: ", check_flow, flow.size_bytes, flow.weight, flow.cap_bps)
        problems += _complaints(f"flows[{k}].start_s: ", check_time, flow.start_s, -math.inf)
    for k, change in enumerate(changes):
        if not isinstance(change, CapacityChange):
            problems.append(f"changes[{k}]: expected a CapacityChange, got {change!r}")
            continue
        problems += _complaints(f"changes[{k}]: ", check_change, change.link, change.capacity_bps, links)
        problems += _complaints(f"changes[{k}].at_s: ", check_time, change.at_s, -math.inf)
    if problems:
        raise ValueError("\n".join(problems))


def _complaints(place: str, check: Callable[..., object], *values: object) -> list[str]:
    try:
        check(*values)
    except ValueError as error:
        return [f"{place}{error}"]
    return []
