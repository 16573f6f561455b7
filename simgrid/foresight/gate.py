"""What a quality gate gives and costs for each inspection, in closed form: repeats, missed defects, recalls.

A gate asks for a repeat with probability p = d s + (1 - d)(1 - c): share of defective acquisitions d,
sensitivity s, specificity c. Acquisitions are independent, so the number of repeats is geometric, cut at the
most that are allowed; a recalled patient's next visit is another such draw.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """Means for one inspection; ``reported_defective`` is the share reported on defective images."""

    acquisitions: float
    repeats: float
    false_repeats: float
    missed: float
    recalls: float
    reported_defective: float


def gate_outcome(
    defective: float,
    sensitivity: float,
    specificity: float,
    max_repeats: int,
    found: float = 0.0,
    most_recalls: int = 0,
) -> GateOutcome:
    """The means under a gate, with ``found`` of the missed defects sent back at most so many times.

    All shares are 0 to 1. With r = p + ... + p^m the repeats of a visit, the gate lets d (1 - s) of all but
    the last acquisition pass, and d of the last whatever it says: m_1 = d (1 - s)(1 - p^m)/(1 - p) + d p^m.
    The k-th recall has probability (m_1 f)^k.
    """
    false = (1 - defective) * (1 - specificity)
    again = defective * sensitivity + false
    chain = [again**attempt for attempt in range(max_repeats + 1)]
    repeats, judged = sum(chain[1:]), sum(chain[:-1])
    missed = defective * (1 - sensitivity) * judged + defective * chain[-1]
    visits = [(missed * found) ** recall for recall in range(most_recalls + 1)]
    return GateOutcome(
        acquisitions=(1 + repeats) * sum(visits),
        repeats=repeats * sum(visits),
        false_repeats=false * judged * sum(visits),
        missed=missed * sum(visits),
        recalls=sum(visits[1:]),
        reported_defective=missed * ((1 - found) * sum(visits[:-1]) + visits[-1]),
    )
