"""Values against their value representation (PS3.5 6.2) and value multiplicity (PS3.6 6).

The bytes are looked at as they lie in the file. No message repeats a value: any of them may be a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache

from pydicom.datadict import dictionary_VM, dictionary_VR

from simgrid.dicom.finding import Finding
from simgrid.dicom.iod.elements import TEXTS, Element, empty, texts, told_vr, vr
from simgrid.dicom.iod.rules import finding

_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)? *")
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)")
_MOMENT = re.compile(
    r"\d{4}((0[1-9]|1[0-2])((0[1-9]|[12]\d|3[01])(([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?)?)?)?"
    r"([+-]\d{4})? *"
)
_UID = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "AE": (re.compile(r"[\x20-\x5b\x5d-\x7e]{0,16}"), "at most 16 characters without controls"),
    "AS": (re.compile(r"\d{3}[DWMY]"), "three digits and D, W, M or Y"),
    "CS": (re.compile(r"[A-Z0-9_ ]{0,16}"), "at most 16 capitals, digits, spaces and underscores"),
    "DS": (re.compile(r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *"), "a decimal number"),
    "IS": (re.compile(r" *[+-]?\d{1,12} *"), "a whole number"),
}
_TOO_LONG = "at most 16 characters"
_LONGEST = {"SH": 16, "LO": 64, "ST": 1024, "LT": 10240}
_WHOLE = frozenset({"ST", "LT", "UT", "UR"})  # one value: a backslash is text
_DEFINED_WITH_CONTROLS = frozenset({"ST", "LT", "UT"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def check_element(tag: int, element: Element, path: str) -> Iterator[Finding]:
    """One standard element: its value representation, its values' form, how many they are."""
    known = _known(tag)
    if known is None:
        return
    representation, multiplicity = known
    told = told_vr(element)
    if told not in (None, "UN") and told not in _choices(representation):
        message = f"is written as {_safe(told)}, the dictionary says {representation}"
        yield finding("vr-differs", tag, path, message)
        return
    kind = vr(element)
    if kind not in TEXTS or empty(element):
        return
    values = ("\\".join(texts(element)),) if kind in _WHOLE else texts(element)
    rule, wrong = _wrong(kind, values)
    if wrong:
        message = f"is not written as {kind} asks ({wrong})"
        # longer decimals than 16 characters are common and every program reads them
        harmless = kind == "DS" and wrong == _TOO_LONG
        yield finding(rule, tag, path, message, severity="warning" if harmless else None)
    if kind not in _WHOLE and not _fits(multiplicity, len(values)):
        message = f"has {len(values)} values, the dictionary allows {multiplicity}"
        yield finding("multiplicity", tag, path, message)


@cache
def _known(tag: int) -> tuple[str, str] | None:
    try:
        return dictionary_VR(tag), dictionary_VM(tag)
    except KeyError:  # private or unknown
        return None


@cache
def _choices(representation: str) -> frozenset[str]:
    return frozenset(representation.split(" or "))


def _safe(told: str | None) -> str:
    return told if told and re.fullmatch(r"[A-Z]{2}", told) else "something else"


@cache
def _fits(multiplicity: str, count: int) -> bool:
    """Whether so many values are allowed by ``1``, ``1-3``, ``1-n``, ``2-2n``."""
    low, _, high = multiplicity.partition("-")
    if not low.isdigit():
        return True
    if not high:
        return count == int(low)
    if high == "n":
        return count >= int(low)
    if high.endswith("n"):
        step = int(high[:-1])
        return count >= int(low) and count % step == 0
    return int(low) <= count <= int(high)


def _wrong(kind: str, values: tuple[str, ...]) -> tuple[str, str]:
    """The rule that is broken and what is asked; empty where all values are well formed."""
    check = _CHECKS.get(kind)
    for value in values:
        if check is not None and (asked := check(value)):
            return _RULE.get(kind, "value-form"), asked
        if check is None and (asked := _text(kind, value)):
            return "value-form", asked
    return "", ""


_RULE = {"UI": "uid-syntax", "DA": "date-or-time", "TM": "date-or-time", "DT": "date-or-time"}


def uid_fault(value: str) -> str:
    """What is wrong with a UID; empty where nothing is. Padding is one NUL."""
    uid = value.rstrip("\0")
    if not uid:
        return ""
    if len(uid) > 64:
        return "at most 64 characters"
    if not _UID.fullmatch(uid):
        return "digits and dots, two components or more, none with a leading zero"
    first, second, *_ = uid.split(".")
    if first not in ("0", "1", "2") or (first != "2" and int(second) > 39):
        return "a root that begins with 0, 1 or 2 and a second component that exists below it"
    return ""


def _date(value: str) -> str:
    value = value.strip(" \0")
    found = _DATE.fullmatch(value)
    if not value:
        return ""
    if not found:
        return "eight digits, YYYYMMDD"
    try:
        date(*(int(part) for part in found.groups()))
    except ValueError:
        return "a day that exists"
    return ""


def _time(value: str) -> str:
    value = value.rstrip("\0")
    return "" if not value.strip() or _TIME.fullmatch(value) else "HHMMSS.FFFFFF, from the left"


def _moment(value: str) -> str:
    value = value.rstrip("\0")
    return (
        ""
        if not value.strip() or _MOMENT.fullmatch(value)
        else "YYYYMMDDHHMMSS.FFFFFF and offset, from the left"
    )


def _form(kind: str) -> Callable[[str], str]:
    pattern, asked = _FORMS[kind]

    def check(value: str) -> str:
        value = value.rstrip("\0")
        bare = value.strip(" ") if kind in ("CS", "AE") else value
        if not bare.strip():
            return ""
        if not pattern.fullmatch(bare):
            return asked
        return _TOO_LONG if len(bare) > 16 else ""

    return check


_CHECKS: Mapping[str, Callable[[str], str]] = {
    **{kind: _form(kind) for kind in _FORMS},
    "UI": uid_fault,
    "DA": _date,
    "TM": _time,
    "DT": _moment,
}


def _text(kind: str, value: str) -> str:
    longest = _LONGEST.get(kind)
    bare = value.rstrip(" \0")
    if longest and len(bare) > longest and bare.isascii():
        return f"at most {longest} characters"
    if kind not in _DEFINED_WITH_CONTROLS and _CONTROLS.search(bare):
        return "no control characters"
    return ""
