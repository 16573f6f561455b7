"""How much a command is going to compute, in the words that all commands use."""

from __future__ import annotations


def counted(cells: int | None, policies: int, replications: int, *, at_most: bool = False) -> str:
    """``12 cells x 3 policies x 60 replications = 2160 runs``; None leaves the cells out.

    ``at_most``: there may be fewer replications.
    """
    most = "at most " if at_most else ""
    parts = [
        *([] if cells is None else [many(cells, "cell")]),
        many(policies, "policy", "policies"),
        most + many(replications, "replication"),
    ]
    return f"{' x '.join(parts)} = {most}{many((cells or 1) * policies * replications, 'run')}"


def many(number: int, one: str, more: str | None = None) -> str:
    """A number with its noun: ``1 policy``, ``3 policies``."""
    return f"{number} {one if number == 1 else more or one + 's'}"
