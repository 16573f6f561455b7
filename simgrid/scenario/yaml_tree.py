"""YAML 1.2 text to a located tree, from ruamel.yaml's parser events, within declared bounds.

The events are walked here rather than composed, so that size, depth and alias expansion are bounded while
the text is read and every value keeps its mark.
"""

from __future__ import annotations

import io
from dataclasses import replace

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from simgrid.scenario.marks import Located, Mark, Source
from simgrid.scenario.problems import Problem, ScenarioInvalid
from simgrid.scenario.scalars import OddScalar, plain_scalar, refuse_control

MAX_DEPTH = 24
MAX_LINES = 20_000
MAX_LINE = 50_000
MAX_NODES = 15_000
MERGE = "<<"


def read_tree(source: Source) -> Located:
    """The text's one mapping with the place of every value.

    :raises ScenarioInvalid: a syntax error stops at once; duplicate keys, tags and odd numbers are all told.
    """
    tree = read_value(source)
    if not isinstance(tree.value, dict):
        what = "is empty" if tree.value is None else "is not a mapping"
        way_out = "write keys with values, one a line, such as 'replications: 20'"
        raise ScenarioInvalid([Problem.at("E007", tree.mark, (), f"the file {what}", way_out)])
    return tree


def read_value(source: Source) -> Located:
    """Any one YAML value: what a file holds, or what stands after ``--set key=``."""
    _within_bounds(source)
    for number, line in enumerate(source.lines, 1):
        if line.isprintable():
            continue
        for column, char in enumerate(line, 1):
            if not (char.isprintable() or char in "\t\r\x85\xa0\ufeff\u2028\u2029"):
                mark = Mark(source, number, column)
                message = f"the character U+{ord(char):04X} cannot stand in YAML"
                raise ScenarioInvalid([Problem.at("E002", mark, (), message, "delete it")])
    reader = _Reader(source)
    try:
        for event in YAML(typ="safe", pure=True).parse(io.StringIO(source.text)):
            reader.take(event)
    except MarkedYAMLError as error:
        reader.problems.append(_syntax(source, error))
    except YAMLError as error:
        reader.problems.append(Problem.at("E002", Mark(source, 1, 1), (), f"the text is not YAML: {error}"))
    if reader.problems:
        raise ScenarioInvalid(reader.problems)
    return reader.root or Located(None, Mark(source, 1, 1))


def _within_bounds(source: Source) -> None:
    """Refuse what the YAML reader would take seconds over, before it begins."""
    if len(source.lines) > MAX_LINES + 1:
        mark = Mark(source, MAX_LINES + 1, 1)
        message, way_out = f"more than {MAX_LINES} lines", "a scenario is a page or two of text"
        raise ScenarioInvalid([Problem.at("E005", mark, (), message, way_out)])
    for number, line in enumerate(source.lines, 1):
        if len(line) > MAX_LINE:
            message = f"a line of {len(line)} characters, at most {MAX_LINE} fit"
            way_out = "break it up; a list may stand one value a line, each after '- '"
            raise ScenarioInvalid([Problem.at("E005", Mark(source, number, 1), (), message, way_out)])


def _syntax(source: Source, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    place = Mark(source, line, column)
    if source.line(line)[column - 1 : column] == "\t":
        return Problem.at("E004", place, (), "a tab cannot indent YAML", "indent with spaces")
    message = str(error.problem or "the text is not YAML")
    if message == "could not find expected ':'" and error.context_mark is not None:
        place = Mark(source, error.context_mark.line + 1, error.context_mark.column + 1)
        way_out = "write 'key: value': after the key an ordinary colon and an ordinary space"
        return Problem.at("E002", place, (), "a line that is no 'key: value'", way_out)
    if error.context:
        began = error.context_mark
        where = f" that begins in line {began.line + 1}" if began is not None else ""
        message += f", {error.context}{where}"
    way_out = {
        "mapping values are not allowed here": "a value that holds ': ' needs quotes; else this line "
        "is indented otherwise than its neighbours",
    }.get(str(error.problem), "check the indentation, brackets and quotes before this place")
    return Problem.at("E002", place, (), message, way_out)


class _Open:
    """A mapping or list that is still being read; ``key`` is the mapping's key that waits for its value."""

    __slots__ = ("anchor", "entries", "items", "key", "mark", "merges", "spoilt")

    def __init__(self, mark: Mark, anchor: str | None, *, mapping: bool) -> None:
        self.mark = mark
        self.anchor = anchor
        self.entries: dict[str, Located] | None = {} if mapping else None
        self.items: list[Located] = []
        self.merges: list[Located] = []
        self.key: tuple[str, Mark] | None = None
        self.spoilt = False


class _Reader:
    """Takes events one by one and keeps the open containers on a stack of its own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.root: Located | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Located, int]] = {}
        self.nodes = 0
        self.documents = 0

    def take(self, event: Event) -> None:
        """Advance by one event."""
        mark = self._mark(event)
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._stop("E007", mark, "a second document begins here", "keep one document in a file")
            case MappingStartEvent() | SequenceStartEvent():
                self._count(1, mark)
                if len(self.stack) >= MAX_DEPTH:
                    self._stop("E005", mark, f"nested deeper than {MAX_DEPTH} levels", "nest less")
                self._refuse_tag(event, mark)
                self.stack.append(_Open(mark, event.anchor, mapping=isinstance(event, MappingStartEvent)))
            case MappingEndEvent() | SequenceEndEvent():
                self._close()
            case AliasEvent():
                self._alias(event, mark)
            case ScalarEvent():
                self._count(1, mark)
                self._refuse_tag(event, mark)
                self._place(Located(self._scalar(event, mark), mark), event.anchor)
            case _:
                pass

    def _scalar(self, event: ScalarEvent, mark: Mark) -> str | int | float | bool | None:
        text = str(event.value)
        try:
            if event.style is None:
                return plain_scalar(text)
            refuse_control(text)
        except OddScalar as odd:
            self.problems.append(Problem.at("E006", mark, self._path(), *odd.args))
        return text

    def _alias(self, event: AliasEvent, mark: Mark) -> None:
        known = self.anchors.get(event.anchor)
        if known is None:
            self.problems.append(
                Problem.at(
                    "E002",
                    mark,
                    self._path(),
                    f"no anchor &{event.anchor[:60]} stands before this alias",
                    "a text that begins with * needs quotes",
                )
            )
            self._place(Located(None, mark), None)
            return
        tree, size = known
        self._count(size, mark)
        self._place(replace(tree, key=None), None)

    def _place(self, value: Located, anchor: str | None) -> None:
        """Give a finished value to the container that waits for it."""
        if anchor is not None:
            self.anchors[anchor] = (value, sum(1 for _ in _everything(value)))
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        if parent.entries is None:
            parent.items.append(value)
        elif parent.key is None:
            self._key(parent, value)
        else:
            name, mark = parent.key
            parent.key = None
            if parent.spoilt:
                parent.spoilt = False
            elif name == MERGE:
                self._merge(parent, value)
            else:
                parent.entries[name] = replace(value, key=mark)

    def _key(self, parent: _Open, value: Located) -> None:
        name = value.value
        if isinstance(name, (dict, list)) or name is None:
            self.problems.append(
                Problem.at("E006", value.mark, self._path(), f"{_kind(name)} cannot be a key", "use a name")
            )
            name, parent.spoilt = "", True
        elif not isinstance(name, str):
            name = value.mark.source.line(value.mark.line)[value.mark.column - 1 :][: value.mark.length]
        if parent.entries is not None and name in parent.entries and not parent.spoilt:
            first = parent.entries[name].key
            before = f"; it stands first in line {first.line}" if first is not None else ""
            self.problems.append(
                Problem.at(
                    "E003", value.mark, (*self._path(), name), f"the key stands twice{before}", "keep one"
                )
            )
            parent.spoilt = True
        parent.key = (name, value.mark)

    def _merge(self, parent: _Open, value: Located) -> None:
        given = value.value if isinstance(value.value, list) else [value]
        for one in given:
            if isinstance(one.value, dict):
                parent.merges.append(one)
            else:
                self.problems.append(
                    Problem.at("E006", one.mark, self._path(), "<< merges mappings only", "give it an alias")
                )

    def _close(self) -> None:
        done = self.stack.pop()
        if done.entries is None:
            self._place(Located(done.items, done.mark), done.anchor)
            return
        for merged in done.merges:
            for name, one in merged.mapping.items():
                done.entries.setdefault(name, one)
        self._place(Located(done.entries, done.mark), done.anchor)

    def _path(self) -> tuple[str | int, ...]:
        path: list[str | int] = []
        for container in self.stack:
            if container.entries is None:
                path.append(len(container.items))
            elif container.key is not None:
                path.append(container.key[0])
        return tuple(path)

    def _count(self, nodes: int, mark: Mark) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self._stop(
                "E005", mark, f"more than {MAX_NODES} values, aliases expanded", "write a smaller scenario"
            )

    def _refuse_tag(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, mark: Mark) -> None:
        if event.tag is not None:
            self.problems.append(
                Problem.at(
                    "E006",
                    mark,
                    self._path(),
                    f"the tag {str(event.tag)[:60]} is not used here",
                    "remove the tag",
                )
            )

    def _stop(self, code: str, mark: Mark, message: str, way_out: str) -> None:
        raise ScenarioInvalid([*self.problems, Problem.at(code, mark, self._path(), message, way_out)])

    def _mark(self, event: Event) -> Mark:
        start, end = event.start_mark, event.end_mark
        line, column = start.line + 1, start.column + 1
        if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            return Mark(self.source, line, column, max(len(self.source.line(line).rstrip()) - column + 1, 1))
        length = (
            end.column - start.column if end.line == start.line else len(self.source.line(line)) - column + 1
        )
        return Mark(self.source, line, column, max(length, 1))


def _everything(tree: Located) -> list[Located]:
    """The value and all below it."""
    found = [tree]
    for one in found:
        if isinstance(one.value, dict):
            found.extend(one.value.values())
        elif isinstance(one.value, list):
            found.extend(one.value)
    return found


def _kind(value: object) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "null"
