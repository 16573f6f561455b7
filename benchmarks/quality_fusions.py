"""What a better mixture of trees and network would be worth, out of the scores that training kept.

``python -m benchmarks.quality_fusions``: some seconds; no image, no torch, no scikit-learn. Each row is the
AUC of any defect, fused less trees, paired, on sources left out; what a mixture learns, it learns on the
other folds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from simgrid.quality.classifier.calibration import any_score, crossed_probabilities, sigmoid
from simgrid.quality.evaluation.auc import aucs, estimate, source_weights
from simgrid.quality.evaluation.scores import KEPT

Plane = NDArray[np.float64]


def kept() -> dict[str, NDArray[np.generic]]:
    """The arrays as they lie in the file."""
    content = (files("simgrid.quality.evaluation") / KEPT).read_bytes()
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def learned(trees: Plane, network: Plane, truth: Plane, could: Plane, fold: Plane) -> Plane:
    """A slope for each judge and an offset by head, of least log loss on the other folds."""
    found = np.zeros_like(trees)
    for number in np.unique(fold):
        out = fold == number
        for head in range(trees.shape[1]):
            own = ~out & could[:, head]
            seen = np.stack([trees[own, head], network[own, head], np.ones(int(own.sum()))], axis=1)
            sign = np.where(truth[own, head], 1.0, -1.0)

            def loss(at: Plane, seen: Plane = seen, sign: Plane = sign) -> tuple[float, Plane]:
                margin = sign * (seen @ at)
                pull = -(sign * sigmoid(-margin))
                return (
                    float(np.logaddexp(0, -margin).mean() + 1e-3 * at @ at),
                    seen.T @ pull / len(sign) + 2e-3 * at,
                )

            start = np.array([0.8, 0.2, 0.0])
            bounds = [(0, None), (0, None), (None, None)]
            fitted = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
            found[out, head] = (
                np.stack([trees[out, head], network[out, head], np.ones(int(out.sum()))]).T @ fitted
            )
    return found


def rows() -> Iterator[str]:
    """Markdown, line by line."""
    arrays = kept()
    trees, network = (np.asarray(arrays[name], np.float64) for name in ("trees", "network"))
    truth, could, fold, source = (np.asarray(arrays[name]) for name in ("truth", "could", "fold", "source"))
    weights = source_weights(source)

    def of(log_odds: Plane) -> Plane:
        said = crossed_probabilities(log_odds, truth, could, fold)
        return aucs(any_score(said, could[:, :-1]), truth[:, -1], weights)

    alone = of(trees)
    yield "| mixture | trees | fused | fused - trees [95 %] |"
    yield "| --- | --- | --- | --- |"
    ways = {f"{share:.2f} parts trees, the rest network": share for share in (0.5, 0.8, 0.9, 0.95)}
    mixtures = {says: share * trees + (1 - share) * network for says, share in ways.items()}
    mixtures["a slope a judge and head, learned on other folds"] = learned(trees, network, truth, could, fold)
    calibrated = [crossed_probabilities(one, truth, could, fold) for one in (trees, network)]
    inside = np.clip(0.8 * calibrated[0] + 0.2 * calibrated[1], 1e-6, 1 - 1e-6)
    mixtures["calibrated probabilities, four parts to one"] = np.log(inside / (1 - inside))
    for says, mixed in mixtures.items():
        fused = of(mixed)
        yield f"| {says} | {alone[0]:.3f} | {fused[0]:.3f} | {estimate(fused - alone, source)} |"


def main() -> None:
    """Print the table."""
    for row in rows():
        print(row, flush=True)


if __name__ == "__main__":
    main()
