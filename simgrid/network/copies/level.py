"""A quantity that jumps and holds still between jumps, with its integral over time."""

from __future__ import annotations

from simgrid.domain.units import Seconds


class Level:
    """The current value of a stock (bytes, copies), its peak, and its area since ``start_s``.

    ``moment`` is the sum of every jump times its moment, so that a jump costs two additions and the area is
    what the value would be worth from time 0 less the moment. Whoever counts millions adds to both in place.
    """

    __slots__ = ("moment", "peak", "start_s", "value")

    def __init__(self, start_s: Seconds = 0.0, value: float = 0) -> None:
        self.start_s = start_s
        self.value = value
        self.peak = value
        self.moment = value * start_s

    def change(self, by: float, now_s: Seconds) -> None:
        """Add ``by`` at ``now_s``; times never run back."""
        self.moment += by * now_s
        self.value += by
        self.peak = max(self.peak, self.value)

    def area(self, now_s: Seconds) -> float:
        """The integral from the start to ``now_s``, in the value's unit times seconds."""
        return self.value * now_s - self.moment

    def mean(self, now_s: Seconds) -> float:
        """The mean over time from the start to ``now_s``; the value itself where no time has passed."""
        lasted_s = now_s - self.start_s
        return self.area(now_s) / lasted_s if lasted_s > 0 else float(self.value)
