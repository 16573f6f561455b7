"""A located tree as YAML text, each value with the place it came from where that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simgrid.scenario.marks import Located, Mark, Scalar
from simgrid.scenario.scalars import OddScalar, plain_scalar

_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _./@%+()-]|:(?=[^ ]))*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def as_yaml(tree: Located, *, origins: bool = False) -> str:
    """The tree as block YAML that reads back as the same values.

    ``origins`` puts ``# file:line`` behind every value.
    """
    lines = list(_block(tree, "", origins))
    return "\n".join(lines) + "\n"


def flow(tree: Located) -> str:
    """The value on one line."""
    if isinstance(tree.value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(one)}" for key, one in tree.value.items()) + "}"
    if isinstance(tree.value, list):
        return "[" + ", ".join(flow(one) for one in tree.value) + "]"
    return scalar(tree.value)


def scalar(value: Scalar) -> str:
    """A scalar as YAML 1.2 reads it back, in quotes only where it must."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return value if _reads_as_itself(value) else _quoted(value)


def origin(mark: Mark) -> str:
    """``file:line``, or the override that set the value."""
    name = mark.source.name
    return name if name.startswith("--set ") else f"{name}:{mark.line}"


def _reads_as_itself(text: str) -> bool:
    if not _SAFE.fullmatch(text) or text.endswith((" ", ":")):
        return False
    try:
        return plain_scalar(text) == text
    except OddScalar:
        return False


def _quoted(text: str) -> str:
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def _block(tree: Located, indent: str, origins: bool) -> Iterator[str]:
    for key, one in tree.mapping.items():
        head = f"{indent}{scalar(key)}:"
        if one.mapping:
            yield head
            yield from _block(one, indent + "  ", origins)
        elif isinstance(one.value, list) and any(item.mapping for item in one.value):
            yield head
            for item in one.value:
                yield f"{indent}- {flow(item)}{_behind(item, origins)}"
        else:
            yield f"{head} {flow(one)}{_behind(one, origins)}"


def _behind(one: Located, origins: bool) -> str:
    return f"  # {origin(one.mark)}" if origins else ""
