"""Figures of a stress test with what bounds them; where nothing does, that is said in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf, isnan

from simgrid.domain.targets import Target
from simgrid.planning.judging import Change, Judged
from simgrid.presentation import target_words as words
from simgrid.presentation.wording import UNDEFINED


def figure(one: Judged, target: Target) -> str:
    """What was found of a target between its bounds, each rounded away from it."""
    mean = words.found(one.mean, target)
    if one.mean == inf:
        return mean
    if one.alike:
        return f"{mean}, the same in all {one.n}"
    if isnan(one.low):
        return f"{mean} (no interval)" if one.n else mean
    return f"{mean} [{words.found(one.low, target, side=-1)}, {words.found(one.high, target, side=1)}]"


def verdicts(asked: Sequence[Target], found: Sequence[Judged]) -> tuple[str, ...]:
    """Every target's figure and the word of it."""
    return tuple(
        f"{figure(one, target)} {words.verdict(one.verdict)}"
        for target, one in zip(asked, found, strict=True)
    )


def changes(found: Sequence[Change]) -> tuple[str, str, str]:
    """The differences to the deployed state, in the order of ``CHANGES``."""
    in_time, turnaround, unreported = found
    return _points(in_time), _interval(turnaround, 0), _interval(unreported, 1)


def _points(one: Change) -> str:
    return _interval(replace(one, difference=100 * one.difference, low=100 * one.low, high=100 * one.high), 1)


def _interval(one: Change, digits: int) -> str:
    if isnan(one.difference):
        return UNDEFINED
    said = f"{one.difference:+.{digits}f}"
    if one.alike:
        return f"{said}, same in all {one.n}"
    return (
        f"{said} (no interval)"
        if isnan(one.low)
        else f"{said} [{one.low:+.{digits}f}, {one.high:+.{digits}f}]"
    )


CHANGES = ("in time\npoints", "turnaround, 95th\npercentile, min", "never reported\nstudies")
