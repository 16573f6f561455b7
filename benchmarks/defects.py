"""What a simulated defect costs: milliseconds of processor to draw, apply and measure it.

``python -m benchmarks.defects [--side 256] [--rounds 7]``, one core, some ten seconds. The peer is
scikit-image's ``radon`` and ``iradon`` with as many views (one round: it takes seconds), against this
project's ``project`` and ``back_project``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np
from skimage.transform import iradon, radon

from simgrid.quality.defects import SIMULATIONS, apply, damage, draw
from simgrid.quality.defects.projector import back_project, project, scanner
from simgrid.quality.image import Image


def phantom(side: int, family: str) -> Image:
    """A patient of two organs and some texture, of whole numbers."""
    down, across = (np.mgrid[:side, :side] - side / 2) / side
    body = np.hypot(down / 0.36, across / 0.42) < 1
    organ = np.hypot(down + 0.05, across - 0.15) < 0.1
    tissue = body * (400 + 20 * np.sin(90 * down) * np.cos(110 * across)) + organ * 100
    pixels = tissue - 360 - ~body * 640 if family == "CT" else tissue
    return Image(np.rint(pixels).astype(np.float32), family)


def median_ms(act: Callable[[int], object], rounds: int) -> float:
    """Median processor time of a call; the first, which fills tables, is not counted."""
    act(0)
    times = []
    for index in range(rounds):
        began = time.process_time()
        act(index + 1)
        times.append(time.process_time() - began)
    return 1e3 * statistics.median(times)


def measured(side: int, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each defect in each modality, for drawing, applying and measuring."""
    table = {}
    for family, defect in SIMULATIONS:
        image = phantom(side, family)
        receipts = [draw(defect, image, np.random.default_rng(seed)) for seed in range(rounds + 1)]
        degraded = apply(image, receipts[0])
        table[f"{family} {defect}"] = {
            "draw": median_ms(lambda seed: draw(defect, image, np.random.default_rng(seed)), rounds),  # noqa: B023
            "apply": median_ms(lambda index: apply(image, receipts[index]), rounds),  # noqa: B023
            "damage": median_ms(lambda _: damage(image, degraded), rounds),  # noqa: B023
        }
    return table


def times_slower(side: int, rounds: int) -> float:
    """How many times longer scikit-image projects and reconstructs the same plane."""
    plane, scan = phantom(side, "MR").pixels.astype(float), scanner(side)
    plane[np.hypot(*(np.mgrid[:side, :side] - side // 2)) > side / 2 - 1] = 0  # radon wants a round field
    angles = np.rad2deg(scan.angles)
    ours = median_ms(lambda _: back_project(scan, project(scan, plane)), rounds)
    began = time.process_time()
    iradon(radon(plane, angles), angles)
    return 1e3 * (time.process_time() - began) / ours


def main() -> None:
    """Print the table, then one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    table = measured(given.side, given.rounds)
    print(f"{'ms of processor':15s} {'draw':>7s} {'apply':>7s} {'damage':>7s}   {given.side} x {given.side}")
    for name, row in table.items():
        print(f"{name:15s} " + " ".join(f"{row[part]:7.1f}" for part in ("draw", "apply", "damage")))
    mean = statistics.mean(sum(row.values()) for row in table.values())
    print(f"mean over all: {mean:.1f} ms, {4 * mean:.0f} s for 4,000 images of one defect each")
    ratio = round(times_slower(given.side, given.rounds), 1)
    print(json.dumps({"mean_ms": round(mean, 1), "ratios": {"scikit-image radon and iradon": ratio}}))


if __name__ == "__main__":
    main()
