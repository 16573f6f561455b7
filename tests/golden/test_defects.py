"""Changed defects need a raised version: receipts of the old one must be refused, not replayed wrongly.

After a change that is meant to change what ``draw`` or ``apply`` of a defect makes: raise its version in
``simgrid/quality/defects/simulations.py``, then ``python -m tests.golden.test_defects`` writes its new golden
numbers (not under the old version).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simgrid.quality.defect_names import Defect
from simgrid.quality.defects import SIMULATIONS, Receipt, apply, draw
from simgrid.quality.image import Image
from simgrid.randomness import stream

GOLDEN = Path(__file__).parent / "defects.json"
DRAWS = 3
PLACES = 24


def phantom(family: str) -> Image:
    """A patient with two organs and a pattern, 46 x 41 pixels, with fractions so that nothing is rounded."""
    down, across = np.mgrid[:46, :41].astype(float)
    body = np.hypot((down - 23) / 19, (across - 20) / 16) < 1
    organs = np.hypot(down - 18, across - 14) < 5, np.hypot(down - 28, across - 27) < 4
    tissue = body * (400.25 + 15 * np.sin(down) * np.cos(across)) + organs[0] * 300 - organs[1] * 200
    pixels = tissue - 360 - ~body * 640 if family == "CT" else tissue + down
    return Image(pixels.astype(np.float32), family, "", (5.0, 5.0))


def drawn(family: str, defect: Defect, number: int) -> Receipt:
    return draw(defect, phantom(family), stream(7, number, family, defect))


def fingerprint(receipt: Receipt, family: str) -> list[float]:
    """Mean, spread, and pixels at fixed places of what a receipt makes."""
    pixels = apply(phantom(family), receipt).pixels.astype(float).ravel()
    places = np.linspace(0, pixels.size - 1, PLACES).astype(int)
    return [round(float(value), 4) for value in (pixels.mean(), pixels.std(), *pixels[places])]


def entry(family: str, defect: Defect) -> dict[str, Any]:
    receipts = [drawn(family, defect, number) for number in range(DRAWS)]
    return {
        "version": SIMULATIONS[family, defect].version,
        "draws": [{"receipt": one.to_json(), "numbers": fingerprint(one, family)} for one in receipts],
    }


@pytest.mark.parametrize(("family", "defect"), sorted(SIMULATIONS))
def test_numbers_are_those_of_this_version(family: str, defect: Defect) -> None:
    golden = json.loads(GOLDEN.read_text())[f"{family} {defect}"]
    version = SIMULATIONS[family, defect].version
    assert golden["version"] == version, "write the golden numbers of the new version: see the module"
    for number, stored in enumerate(golden["draws"]):
        receipt = Receipt.from_json(stored["receipt"])
        raise_it = f"{family} {defect} changed: raise its version, then write the golden numbers"
        assert fingerprint(receipt, family) == pytest.approx(stored["numbers"], rel=1e-6, abs=5e-3), raise_it
        again = drawn(family, defect, number)
        assert again.seed == receipt.seed, raise_it
        found, expected = leaves(again.parameters), leaves(receipt.parameters)
        assert [path for path, _ in found] == [path for path, _ in expected], raise_it
        assert [leaf for _, leaf in found] == [
            leaf if isinstance(leaf, str) else pytest.approx(leaf, rel=1e-6, abs=1e-9) for _, leaf in expected
        ], raise_it


def test_every_simulation_has_its_golden_numbers() -> None:
    assert sorted(json.loads(GOLDEN.read_text())) == sorted(" ".join(pair) for pair in SIMULATIONS)


def leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """The leaves of parameters, each by its path."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return [(name, value)]
    return [leaf for key in sorted(value) for leaf in leaves(value[key], f"{name}.{key}")]


def write() -> None:
    """Write the golden numbers of what is new or raised."""
    golden = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    written = [
        (family, defect)
        for family, defect in sorted(SIMULATIONS)
        if golden.get(f"{family} {defect}", {}).get("version", 0) < SIMULATIONS[family, defect].version
    ]
    if not written:
        sys.exit("every version has its golden numbers: raise one in simulations.py first")
    golden |= {f"{family} {defect}": entry(family, defect) for family, defect in written}
    GOLDEN.write_text(json.dumps(dict(sorted(golden.items())), indent=1) + "\n")
    print(", ".join(" ".join(pair) for pair in written))


if __name__ == "__main__":
    write()
