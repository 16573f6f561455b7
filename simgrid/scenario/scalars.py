"""Plain scalars by YAML 1.2's core schema, minus what readers disagree on.

``17:00`` and ``NO`` are text, as YAML 1.2 says and YAML 1.1 does not. A number with a leading zero is
octal to one reader and decimal to another, so it is refused, as are infinities and not-a-number.
"""

from __future__ import annotations

import math
import re

from simgrid.scenario.marks import Scalar

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_OTHER_BASE = re.compile(r"[-+]?0[oxb][0-9a-fA-F_]+")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_DIGITS = 15
_QUOTED = 40
_HARMLESS = "\n\t\xa0"


class OddScalar(ValueError):
    """A plain scalar that must be written otherwise; ``args`` are the message and the way out."""


def refuse_control(text: str) -> None:
    """Refuse what an escape such as ``\\e`` puts into a quoted text: it steers terminals and spoils figures.

    :raises OddScalar: for a character that is not printable, other than line breaks, tabs and hard blanks.
    """
    if text.isprintable():
        return
    for char in text:
        if not (char.isprintable() or char in _HARMLESS):
            message = f"the text holds the control character U+{ord(char):04X}"
            raise OddScalar(message, "leave its escape out: texts are words, line breaks and tabs")


def plain_scalar(text: str) -> Scalar:
    """The value of an unquoted scalar.

    :raises OddScalar: with a message and a way out, for numbers that no two readers read alike.
    """
    if text in _WORDS:
        return _WORDS[text]
    brief = text if len(text) <= _QUOTED else f"{text[:_QUOTED]}..."
    if _INT.fullmatch(text):
        if len(text.lstrip("+-")) > _DIGITS:
            raise OddScalar(f"{text[:20]}... has more than {_DIGITS} digits", "write fewer digits")
        return int(text)
    if _LEADING_ZERO.fullmatch(text):
        stripped = brief.lstrip("+-").lstrip("0_") or "0"
        raise OddScalar(
            f"{brief} begins with zero, which some readers take for octal",
            f"write {stripped} for a number, or '{brief}' in quotes for text",
        )
    if _OTHER_BASE.fullmatch(text):
        raise OddScalar(
            f"{brief} is not a decimal number", f"write it in decimal, or '{brief}' in quotes for text"
        )
    if _NOT_FINITE.fullmatch(text):
        raise OddScalar(f"{text} is not a finite number", "write a number, or leave the key out")
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise OddScalar(f"{brief} is too large for a number", "write a smaller number")
        return value
    return text
