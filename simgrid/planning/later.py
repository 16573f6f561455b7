"""What the runs of 'what takes radiologists' say of the plans that search and test left open.

They are on unseen seeds, and their verdicts have the risk of a test's, so that a plan which they show to miss
a target is no rival any more. A plan that they show to meet is not named: the short list was fixed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simgrid.planning.findings import Found
from simgrid.planning.looks import Looked
from simgrid.planning.people import AS_IT_IS


def with_later(
    found: Found, costs: Sequence[float], looked: Sequence[Looked]
) -> tuple[Found, tuple[int, ...]]:
    """The answer without the rivals that were shown to miss, and the numbers of these.

    Of the others it is told where they were shown to meet; what cheaper plans were shown to miss, binds.
    """
    if found.plan is None:
        return found, ()
    own = [one for one in looked if one.world == AS_IT_IS]
    missed = {one.plan for one in own if one.verdict == "missed"}
    met = {one.plan: one.n for one in own if one.verdict == "met"}
    rivals = tuple(replace(one, later=met.get(one.plan, 0)) for one in found.rivals if one.plan not in missed)
    cheaper = [one for one in own if one.plan in missed and costs[one.plan] < costs[found.plan]]
    binds = tuple(sorted({*found.binds, *(place for one in cheaper for place in one.missed)}))
    gone = tuple(one.plan for one in found.rivals if one.plan in missed)
    return replace(found, rivals=rivals, binds=binds), gone
