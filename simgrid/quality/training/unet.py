"""The U-Net that organs and anomalies share (doi 10.1007/978-3-319-24574-4_28), as narrow as one likes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class Pair(nn.Module):  # type: ignore[misc]
    """Two convolutions, each with its normalisation."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv2d(n, after, 3, padding=1) for n in (before, after))
        self.norms = nn.ModuleList(nn.BatchNorm2d(after) for _ in range(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same rows and columns, ``after`` channels."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = torch.relu(norm(convolution(x)))
        return x


class UNet(nn.Module):  # type: ignore[misc]
    """(batch, ``before``, rows, columns) to (batch, ``after``, rows, columns); sizes that halve evenly."""

    def __init__(self, before: int, widths: Sequence[int], after: int) -> None:
        super().__init__()
        self.halvings = len(widths) - 1
        ins = (before, *widths[:-1])
        self.down = nn.ModuleList(Pair(a, b) for a, b in zip(ins, widths, strict=True))
        levels = reversed(range(self.halvings))
        self.up = nn.ModuleList(Pair(widths[n + 1] + widths[n], widths[n]) for n in levels)
        self.head = nn.Conv2d(widths[0], after, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores before any softmax or sigmoid."""
        kept = []
        for number, pair in enumerate(self.down):
            x = pair(nn.functional.max_pool2d(x, 2) if number else x)
            kept.append(x)
        for number, pair in enumerate(self.up):
            grown = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = pair(torch.cat([grown, kept[self.halvings - 1 - number]], dim=1))
        scores: torch.Tensor = self.head(x)
        return scores
