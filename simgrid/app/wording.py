"""A scenario's words on a page: never Markdown, which could style, link or load something."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    """The text as Markdown that shows exactly it."""
    return _MARKS.sub(r"\\\1", text)
