"""What can be wrong with a workload."""

from __future__ import annotations

from collections.abc import Sequence


class WorkloadError(ValueError):
    """A workload that cannot be drawn: every problem at once, each with its place, value and way out."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
