"""What a defect was: enough to make the same bytes again from the same image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from simgrid.quality.defect_names import DEFECTS, Defect

Number: TypeAlias = float | int
Parameter: TypeAlias = float | int | str | list[Any]
Parameters: TypeAlias = Mapping[str, Parameter]


# What a parameter may be, so that a receipt from elsewhere neither divides by nothing nor fills the memory.
BOUNDS: Mapping[str, tuple[float, float]] = {
    "acquired": (0.01, 1),
    "bend": (-5, 5),
    "bits": (1, 30),
    "columns": (-1e6, 1e6),
    "dose": (1e-6, 1e6),
    "electronic": (0, 1e9),
    "fwhm": (0, 1e6),
    "fwhm_mm": (0, 1e6),
    "gain": (-0.99, 99),
    "headroom": (1e-3, 1e6),
    "latitude": (0.1, 50),
    "length": (0, 1e6),
    "long": (1e-3, 1e6),
    "long_mm": (1e-3, 1e6),
    "penumbra": (1e-3, 1e6),
    "period": (1, 1e6),
    "photons": (1e-3, 1e15),
    "radius": (1e-3, 1e6),
    "radius_mm": (1e-3, 1e6),
    "ranging": (-10, 10),
    "ratio": (1, 1e6),
    "rest": (0, 1),
    "rows": (-1e6, 1e6),
    "share": (0, 1),
    "shots": (1, 1e6),
    "short": (1e-3, 1e6),
    "short_mm": (1e-3, 1e6),
    "sigma": (0, 1e9),
    "spread": (0, 100),
    "takes": (1e-6, 1e6),
    "taper": (0, 1e3),
    "thick_mm": (0, 1e6),
    "transmission": (0, 1),
    "window": (0, 1e3),
}
ANY = (-1e9, 1e9)


class ReceiptError(ValueError):
    """A receipt that cannot be read or replayed, or a defect the image cannot have."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One drawn defect.

    ``version`` is that of the simulation that drew it; another version is refused, never replayed wrongly.
    ``parameters`` are physical (mm, degrees, photons, the image's own values); ``family`` among them names
    the modality family and ``severity`` the position on the drawn scale, 0 mild to 1 gross. ``seed`` makes
    what is random when the defect is applied (photons, electronic noise).
    """

    defect: Defect
    version: int
    parameters: Parameters
    seed: int

    def to_json(self) -> str:
        """One line, keys in order; ``from_json`` gives an equal receipt."""
        parts = {
            "defect": self.defect,
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "version": self.version,
        }
        return json.dumps(parts, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """The receipt written by ``to_json``.

        :raises ReceiptError: saying what is missing or of the wrong type.
        """
        try:
            parts = json.loads(text, parse_constant=_refuse)
        except ValueError as error:
            raise ReceiptError(f"receipt: not JSON ({error}): expected what to_json wrote") from None
        if not isinstance(parts, dict):
            raise ReceiptError("receipt: expected a JSON object with defect, parameters, seed, version")
        problems = _problems(parts)
        if problems:
            raise ReceiptError("receipt: " + "; ".join(problems))
        return cls(parts["defect"], parts["version"], parts["parameters"], parts["seed"])


def number(parameters: Parameters, name: str) -> float:
    """A parameter that is a number within its bounds.

    :raises ReceiptError: where it is absent, something else, or out of bounds.
    """
    value = parameters.get(name)
    low, high = BOUNDS.get(name, ANY)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ReceiptError(f"receipt: parameters.{name} is {value!r}: expected {low:g} to {high:g}")
    return float(value)


def numbers(parameters: Parameters, name: str) -> list[Any]:
    """A parameter that is a list.

    :raises ReceiptError: where it is absent or something else.
    """
    value = parameters.get(name)
    if not isinstance(value, list):
        raise ReceiptError(f"receipt: parameters.{name} is {value!r}: expected a list")
    return value


def word(parameters: Parameters, name: str, *allowed: str) -> str:
    """A parameter that is one of some words.

    :raises ReceiptError: where it is absent or another.
    """
    value = parameters.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise ReceiptError(f"receipt: parameters.{name} is {value!r}: expected {' or '.join(allowed)}")
    return value


def _problems(parts: Mapping[str, Any]) -> list[str]:
    expected = {"defect": str, "parameters": dict, "seed": int, "version": int}
    problems = [
        f"{name} is {parts.get(name)!r}: expected {kind.__name__}"
        for name, kind in expected.items()
        if not isinstance(parts.get(name), kind) or isinstance(parts.get(name), bool)
    ]
    if isinstance(parts.get("defect"), str) and parts["defect"] not in DEFECTS:
        problems.append(f"defect '{parts['defect']}' does not exist: expected one of {', '.join(DEFECTS)}")
    if isinstance(parts.get("seed"), int) and parts["seed"] < 0:
        problems.append(f"seed is {parts['seed']}: expected 0 or more")
    return problems + [f"'{name}' is unknown" for name in sorted(set(parts) - set(expected))]


def _refuse(constant: str) -> float:
    raise ReceiptError(f"receipt: {constant} is no number that JSON knows")
