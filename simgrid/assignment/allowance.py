"""How much work a call may still do: time on a clock, which differs between machines, and search nodes,
which do not."""

import math
import time
from dataclasses import dataclass


@dataclass(slots=True)
class _Nodes:
    left: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left for a call or a part of it; ``inf`` for no limit.

    Parts draw on the same nodes as the whole; ``kept`` nodes are not for this part. ``end`` is on the
    monotonic clock.
    """

    end: float
    counter: _Nodes
    kept: float = 0.0

    @classmethod
    def of(cls, seconds: float | None, nodes: int | None) -> "Allowance":
        """From now on this many seconds and this many nodes; None is no limit."""
        end = math.inf if seconds is None else time.monotonic() + seconds
        return cls(end, _Nodes(math.inf if nodes is None else float(nodes)))

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return math.isfinite(self.end) or math.isfinite(self.counter.left)

    @property
    def nodes(self) -> float:
        """Nodes left for this part, never negative."""
        return max(0.0, self.counter.left - self.kept)

    def seconds(self) -> float:
        """Seconds left, never negative; no clock is read where there is no time limit."""
        return max(0.0, self.end - time.monotonic()) if math.isfinite(self.end) else math.inf

    def over(self) -> bool:
        """Whether nothing is left."""
        return self.nodes < 1 or self.seconds() == 0

    def spend(self, nodes: float) -> None:
        """Count one search; even one without a branch is a node, so that searches come to an end."""
        self.counter.left -= max(1.0, nodes)

    def part(self, share: float) -> "Allowance":
        """A part that may use this share of the time and of the nodes left."""
        end = self.end - (1 - share) * self.seconds() if math.isfinite(self.end) else self.end
        kept = self.kept + (1 - share) * self.nodes if math.isfinite(self.nodes) else self.kept
        return Allowance(end, self.counter, kept)
