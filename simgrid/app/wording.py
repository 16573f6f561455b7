"""A scenario's words on a page: never Markdown, which could style, link or load something."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def is_plain(name: str) -> bool:
    """Whether a name means the same as Markdown, as the names of a valid scenario do."""
    return _NAME.fullmatch(name) is not None


def plain(text: str) -> str:
    """The text as Markdown that shows exactly it."""
    return _MARKS.sub(r"\\\1", text)
