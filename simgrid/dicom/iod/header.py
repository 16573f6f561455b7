"""One dataset against the standard's tables: START HERE.

The dataset is walked once, item by item, beside the tree of requirements of its kind of file.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator

from pydicom.dataset import Dataset

from simgrid.dicom.finding import Finding, FindingSeverity
from simgrid.dicom.iod.condition_tests import Context
from simgrid.dicom.iod.conditions import MODULES, conditions_for
from simgrid.dicom.iod.elements import empty, get, items, named, tags, vr
from simgrid.dicom.iod.groups import check_groups
from simgrid.dicom.iod.identity import check_identity, sop_class_of
from simgrid.dicom.iod.image import check_image
from simgrid.dicom.iod.permitted import check_values
from simgrid.dicom.iod.representation import check_element
from simgrid.dicom.iod.requirements import Node, Requirement, claims, iod_of, merged, modules
from simgrid.dicom.iod.rules import RULES, finding

_DEEPEST = 12  # of sequences within sequences; the tables go to nine
_ITEMS_LOOKED_AT = 64  # of one sequence: further ones repeat the faults of the first
_PIXELS = "(7fe0"
_NUMBERED = re.compile(r"\[\d+\]")


def check_header(dataset: Dataset, *, ends_before_pixels: bool = False) -> tuple[Finding, ...]:
    """Everything wrong with a header, worst first; empty where nothing is.

    Checks the elements that the file's IOD requires (PS3.3), nested ones included, conditions where the file
    decides them, the form and permitted values of every standard element, and what the elements say of each
    other. Private elements are left alone. With ``ends_before_pixels``, what lies from the pixel element on
    was not read, and is not missed. A fault that repeats over items is told once. No message repeats a value
    that could identify someone. Never raises for what a dataset holds.
    """
    try:
        iod = iod_of(sop_class_of(dataset))
    except Exception:  # a dataset that cannot even be asked for an element
        iod = None
    parts: list[Callable[[], Iterator[Finding]]] = [
        lambda: check_identity(dataset, iod),
        lambda: _walk(_Place(dataset, dataset, iod or "", "", 0), _node(dataset, iod)),
        lambda: check_image(dataset, iod or ""),
        lambda: check_groups(dataset, iod or ""),
    ]
    found: list[Finding] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's repeat values of the file
        for part in parts:
            found += _unharmed(part)
    if ends_before_pixels:
        found = [one for one in found if one.tag < _PIXELS]
    return _told_once(found)


def _unharmed(part: Callable[[], Iterator[Finding]]) -> list[Finding]:
    found: list[Finding] = []
    try:
        for one in part():
            found.append(one)  # one by one: what was found before a failure is kept
    except Exception as error:  # hostile bytes can fail anywhere in the parser
        rule = RULES["header-unreadable"]
        message = f"the header cannot be read to its end ({type(error).__name__}): {rule.way_out}"
        found.append(Finding(rule.name, "", "", rule.severity, message))
    return found


def _node(dataset: Dataset, iod: str | None) -> Node | None:
    """The requirements of the modules that apply to this file; None for a kind that the tables lack."""
    if iod is None:
        return None
    claimed = claims(iod)
    demanded: set[str] = set()
    hinted: set[str] = set()
    for tag in tags(dataset):
        if tag in claimed:
            module, by_requirement = claimed[tag]
            (demanded if by_requirement else hinted).add(module)
    context = Context(dataset, dataset, iod)
    for module, test in MODULES.items():
        if module in modules(iod) and test(context):
            demanded.add(module)
    return merged(iod, frozenset(demanded), frozenset(hinted - demanded))


class _Place:
    """Where the walk is: the item, the whole file, its IOD, the path in words, the depth."""

    __slots__ = ("depth", "iod", "item", "path", "root")

    def __init__(self, item: Dataset, root: Dataset, iod: str, path: str, depth: int) -> None:
        self.item, self.root, self.iod, self.path, self.depth = item, root, iod, path, depth


def _walk(at: _Place, node: Node | None) -> Iterator[Finding]:
    if node is not None:
        for one in node.required:
            yield from _required(at, one)
        for one in node.conditional:
            yield from _conditional(at, one)
    for tag in tags(at.item):
        if tag >> 16 & 1:
            continue
        element = get(at.item, tag)
        if element is None:
            continue
        if vr(element) == "SQ":
            known = node.by_tag.get(tag) if node is not None else None
            yield from _sequence(at, tag, known.below if known else None)
        else:
            yield from check_element(tag, element, at.path)
            yield from check_values(tag, element, at.item, at.path, at.iod)


def _sequence(at: _Place, tag: int, node: Node | None) -> Iterator[Finding]:
    if at.depth >= _DEEPEST:
        yield finding("header-too-deep", tag, at.path, f"lies below {_DEEPEST} sequences")
        return
    above = f"{at.path} > {named(tag)}" if at.path else named(tag)
    for place, item in items(at.item, tag):
        if place > _ITEMS_LOOKED_AT:
            return
        below = _Place(item, at.root, at.iod, f"{above}[{place}]", at.depth + 1)
        yield from _walk(below, node)


def _required(at: _Place, one: Requirement) -> Iterator[Finding]:
    element = get(at.item, one.tag)
    severity: FindingSeverity | None = "warning" if one.weak else None
    if element is None:
        rule = "type-1-missing" if one.kind == "1" else "type-2-missing"
        yield finding(rule, one.tag, at.path, f"is missing ({_module(one)}, type {one.kind})", severity)
    elif one.kind == "1" and empty(element):
        yield finding("type-1-empty", one.tag, at.path, f"is empty ({_module(one)}, type 1)", severity)


def _conditional(at: _Place, one: Requirement) -> Iterator[Finding]:
    element = get(at.item, one.tag)
    severity: FindingSeverity | None = "warning" if one.weak else None
    if element is not None and one.kind == "1C" and empty(element):
        yield finding("type-1c-empty", one.tag, at.path, f"is empty ({_module(one)}, type 1C)", severity)
    context = Context(at.item, at.root, at.iod)
    for row in conditions_for(one.keyword, one.module):
        decided = row.test(context)
        if decided and element is None:
            rule = f"type-{one.kind.lower()}-missing"
            message = f"is missing ({_module(one)}, type {one.kind}; {row.words}, {row.section})"
            yield finding(rule, one.tag, at.path, message, severity)
        elif decided is False and row.only_then and element is not None:
            message = f"is there although it may be only if {row.words} ({row.section})"
            yield finding("not-allowed-here", one.tag, at.path, message)


def _module(one: Requirement) -> str:
    return f"module {one.module}"


def _told_once(found: list[Finding]) -> tuple[Finding, ...]:
    """Faults that repeat over items of one sequence told once, worst first, then in order of tag."""
    first: dict[tuple[str, str, str], tuple[Finding, int]] = {}
    for one in found:
        key = (one.rule, one.tag, _NUMBERED.sub("", one.place))
        kept, times = first.get(key, (one, 0))
        first[key] = (kept, times + 1)
    order = {"error": 0, "warning": 1, "note": 2}
    told = [
        one
        if times == 1
        else Finding(one.rule, one.tag, one.place, one.severity, f"{one.message} ({times} times)")
        for one, times in first.values()
    ]
    return tuple(sorted(told, key=lambda one: (order[one.severity], one.tag, one.place, one.rule)))
