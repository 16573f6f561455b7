"""The quantitative conditions of the ontology, computed for every pair from the monitored state.

Only the whole tree and the literal reading of eq. 2 look at them; the default rating is the Subspecialty
node, because eq. 5 to 8 already hold response time, workload and equipment.
"""

import numpy as np

from simgrid.domain.decision import Team, Worklist
from simgrid.domain.units import FloatArray


def quantities(team: Team, worklist: Worklist) -> dict[str, FloatArray]:
    """Rating times q of each quantitative leaf, 0 to 1, shape (S, R).

    Delivery, Availability, Reading: what is left of t_req after that leg alone, as a share of it. Within
    limit: what is left of the radiologist's effort limit (minutes) after this inspection, as a share of it.
    Monitor, Storage, Bandwidth: 1 where the condition holds (eq. 6 and 7 for the single pair), else 0.
    """
    shape = (len(worklist), len(team.radiologists))
    required, desks = worklist.required_s[:, None], worklist.desks
    transfer = worklist.transfer_s(team)
    load = desks.effort_done + worklist.effort_min[:, None]
    free = worklist.units.storage_free_bytes[team.unit_of]
    fits = team.storage_factor * worklist.size_bytes[:, None] <= free
    leaves = {
        "Delivery": _left(transfer, required),
        "Availability": _left(desks.available_in_s[None, :], required),
        "Reading": _left(team.reading_s.T[worklist.kind], required),
        "Within limit": _left(load, desks.effort_limit[None, :]),
        "Monitor": team.monitor_suffices.T[worklist.kind],
        "Storage": fits,
        "Bandwidth": transfer <= team.transfer_limit_s,
    }
    return {name: np.broadcast_to(leaf, shape).astype(np.float64) for name, leaf in leaves.items()}


def _left(used: FloatArray, allowed: FloatArray) -> FloatArray:
    """1 - used / allowed, not below 0; 1 where nothing limits it, 0 where nothing is allowed."""
    used, allowed = np.broadcast_arrays(used, allowed)
    share = np.where(np.isposinf(allowed) & np.isfinite(used), 0.0, 1.0)
    np.divide(used, allowed, out=share, where=(allowed > 0) & np.isfinite(allowed))
    return np.clip(1.0 - share, 0.0, 1.0)
