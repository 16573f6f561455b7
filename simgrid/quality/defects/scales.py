"""The physical scales that severities are drawn on."""

from __future__ import annotations


def log_between(mildest: float, grossest: float, severity: float) -> float:
    """The value at ``severity`` (0 to 1) of a scale on which each step multiplies by as much."""
    return float(mildest * (grossest / mildest) ** severity)
