"""Whether damage can be told from the picture: CT noise on one slice of every CT source that may train.

``python -m benchmarks.defect_severity [--draws 40]`` after ``simgrid qa fetch-data``; half a minute. For each
source the rank correlation (Spearman) of damage with the drawn dose, and with the noise that can be seen in
the degraded image alone; then the latter over all sources together, where a fit to other sources predicts
each.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from benchmarks.defect_sheet import SOFT_TISSUE, reduced
from simgrid.quality.defects import apply, damage, draw
from simgrid.quality.image import Image
from simgrid.quality.sources.catalogue import choose
from simgrid.quality.sources.images import available, load
from simgrid.randomness import stream

SCALES = (0.7, 1.5, 3.0)  # pixels


def visible_noise(image: Image) -> NDArray[np.float64]:
    """Logarithms of the local standard deviation at three scales, where the display is not saturated."""
    low, high = SOFT_TISSUE
    shown = np.clip((image.pixels.astype(float) - low) / (high - low), 0, 1)
    grey = ndimage.uniform_filter(((shown > 0.02) & (shown < 0.98)).astype(float), 7) > 0.6
    found: list[float] = []
    for scale in SCALES:
        fine = shown - ndimage.gaussian_filter(shown, scale)
        spread = np.sqrt(np.maximum(ndimage.uniform_filter(fine**2, 7), 0))
        found += list(np.percentile(spread[grey] if grey.sum() > 20 else spread, [10, 25, 50]))
    return np.log(np.array(found) + 1e-3)


def of_source(name: str, draws: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Doses, damages and visible noise of a source's middle slice."""
    images = list(load(name))
    clean = reduced(images[len(images) // 2].image)
    receipts = [draw("noise", clean, stream(1, number, name)) for number in range(draws)]
    degraded = [apply(clean, receipt) for receipt in receipts]
    doses = [float(receipt.parameters["photons"]) for receipt in receipts]  # type: ignore[arg-type]
    return (
        np.array(doses),
        np.array([damage(clean, one) for one in degraded]),
        np.array([visible_noise(one) for one in degraded]),
    )


def predicted(
    seen: NDArray[np.float64], damages: NDArray[np.float64], group: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Each source's damages by a ridge fit (squares included) to the other sources."""
    terms = np.c_[seen, seen**2, np.ones(len(seen))]
    answer = np.zeros(len(seen))
    for held_out in np.unique(group):
        learn, ask = group != held_out, group == held_out
        square = terms[learn].T @ terms[learn] + 0.1 * np.eye(terms.shape[1])
        answer[ask] = terms[ask] @ np.linalg.solve(square, terms[learn].T @ stats.norm.ppf(damages[learn]))
    return answer


def main() -> None:
    """Print a line a source, then one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=40)
    draws = parser.parse_args().draws
    names = [one.name for one in choose("train") if one.modality == "CT" and one.name in available("train")]
    found = [of_source(name, draws) for name in names]
    for name, (doses, damages, seen) in zip(names, found, strict=True):
        by_dose, by_eye = stats.spearmanr(-doses, damages)[0], stats.spearmanr(seen[:, 7], damages)[0]
        print(f"{name:34s} dose {by_dose:.3f}, visible noise {by_eye:.3f}, median {np.median(damages):.2f}")
    damages, seen = np.concatenate([one[1] for one in found]), np.concatenate([one[2] for one in found])
    group = np.repeat(np.arange(len(names)), draws)
    together = float(stats.spearmanr(predicted(seen, damages, group), damages)[0])
    print(json.dumps({"sources": len(names), "unseen_sources_together": round(together, 3)}))


if __name__ == "__main__":
    main()
