"""What was tried for each goal of the image-quality classifier, with and without: trees, sources left out.

``python -m benchmarks.quality_improvements [-o TABLE.md]``: 15 processor minutes, a third of it to draw
the images again. Needs the images of ``simgrid qa fetch-data`` and scikit-learn; no torch. Each line
leaves one thing out, or puts one thing in, of what is shipped, and judges the same images of sources that the
trees never saw; the difference is paired, its interval a bootstrap over sources. The test set is not touched.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from simgrid.quality.classifier import inputs
from simgrid.quality.classifier.calibration import any_score, crossed_probabilities
from simgrid.quality.classifier.inputs import FAMILIES, FEATURES
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.evaluation.auc import aucs, estimate, rank_correlations, source_weights
from simgrid.quality.measures import OF_MODULE
from simgrid.quality.training import trees
from simgrid.quality.training.collection import all_samples
from simgrid.quality.training.folds import FOLDS, folds_of
from simgrid.quality.training.samples import Samples
from simgrid.quality.training.steps import SEED, Context
from simgrid.quality.training.trees import Size

NEW = ("edges", "streaks", "replicas", "shading", "rings", "windows")
FEWER = 120  # images of a source, as there were before: two thirds of those that teach now
SEVERITY = "severity of CT noise"
OWN = {"bias": ("bias", "shading"), "ghosting": ("ghosts", "replicas"), "ring": ("radial", "rings")}


GROWN = Size()


@dataclass(frozen=True, slots=True)
class Way:
    """How trees are grown: without these modules of measures, on all images or on ``FEWER``."""

    without: tuple[str, ...] = ()
    all_images: bool = True
    size: Size = GROWN

    def shown(self, ranks: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Ranks with what is left out made 0: where no images differ, no tree looks."""
        left = {name for module in self.without for name in OF_MODULE[module]}
        return np.where(np.array([name in left for name in FEATURES]), np.uint8(0), ranks)


SHIPPED = Way()
ONE_FOREST = Size(seeds=1, by_kind=False)
BEFORE = Way(NEW, all_images=False, size=ONE_FOREST)


@dataclass(frozen=True, slots=True)
class Trial:
    """One comparison: what is said of it, for which head, the way without it and the way with it."""

    says: str
    head: str
    one: Way
    other: Way


def trials() -> list[Trial]:
    """Three or more for every goal that was missed before, the last being all of them together."""
    found = []
    own = {
        "noise": "windows",
        "blur": "edges",
        "metal": "streaks",
        "ring": "rings",
        "motion": "streaks",
        "ghosting": "replicas",
        "bias": "shading",
        SEVERITY: "windows",
    }
    for head, module in own.items():
        found += [
            Trial(f"measures: {module}", head, replace(SHIPPED, without=(module,)), SHIPPED),
            *_common(head),
        ]
    found += [Trial("measures: all six modules", "any", replace(SHIPPED, without=NEW), SHIPPED)]
    return found + _common("any")


def _common(head: str) -> list[Trial]:
    pooled = replace(SHIPPED, size=Size(by_kind=False))
    found = [
        Trial("180 images of a source in place of 120", head, replace(SHIPPED, all_images=False), SHIPPED),
        Trial("trees of each modality beside those of all", head, pooled, SHIPPED),
    ]
    if head != SEVERITY:  # of which one forest is grown
        found.append(Trial("two forests averaged", head, replace(SHIPPED, size=Size(seeds=1)), SHIPPED))
    if head in OWN:
        others = tuple(module for module in OF_MODULE if module not in OWN[head])
        found.append(Trial("(not kept) measures of its own only", head, SHIPPED, Way(others)))
    small = replace(SHIPPED, size=Size(trees=150, leaves=4, least=40))
    found.append(Trial("(not kept) smaller trees", head, SHIPPED, small))
    found.append(Trial("all that is kept", head, BEFORE, SHIPPED))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """The samples, their folds, and which of them are judged: the first of each source, whatever taught."""

    samples: Samples
    fold: NDArray[np.int64]
    first: NDArray[np.bool_]


def collected() -> Data:
    """All training images, drawn again."""
    samples, _ = all_samples(Context(smoke=False, tell=print))
    return of_samples(samples)


def of_samples(samples: Samples) -> Data:
    """With folds as training has them."""
    folds = folds_of(samples.source.tolist(), samples.kind.tolist())
    number = np.array([int(key.rpartition("/")[2]) for key in samples.key])
    most = np.where(np.char.find(samples.key, "projected") >= 0, 3 * FEWER, FEWER)
    return Data(samples, np.array([folds[one] for one in samples.source.tolist()]), number < most)


def scores_of(data: Data, way: Way, heads: Sequence[str]) -> NDArray[np.float64]:
    """Log odds of the heads (or damage of noise) of every sample, by trees that never saw its source."""
    parts = Parallel(n_jobs=2, backend="loky")(
        delayed(_fold)(data, way, heads, number) for number in range(FOLDS)
    )
    found = np.zeros((len(data.samples), len(heads)))
    for number, part in enumerate(parts):
        found[data.fold == number] = part
    return found


def _fold(data: Data, way: Way, heads: Sequence[str], number: int) -> NDArray[np.float64]:
    learned = (data.fold != number) & (data.first | way.all_images)
    rest, judged = data.samples.chosen(learned), data.samples.chosen(data.fold == number)
    edges = trees.edges_of(rest.features)
    ranks, unseen = (way.shown(inputs.ranks(one.features, edges)) for one in (rest, judged))
    if tuple(heads) == (SEVERITY,):
        grown = trees.grow_damages(ranks, rest, way.size, SEED, heads=("noise",))
        return grown.evaluate(unseen)[:, [DEFECTS.index("noise")]]
    grown = trees.grow_defects(ranks, rest, way.size, SEED, heads=heads)
    return grown.evaluate(unseen)[:, [trees.HEADS.index(head) for head in heads]]


def values(data: Data, head: str, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """AUC, or Spearman's for severity, by bootstrap replicate; the first is the sample's own."""
    if head == SEVERITY:
        own = _own(data, head)
        weights = source_weights(data.samples.source[own])
        return rank_correlations(
            found[own, 0], data.samples.damages[own, DEFECTS.index("noise")].astype(np.float64), weights
        )
    own = _own(data, head)
    column = trees.HEADS.index(head)
    score = found[:, 0]
    if head == "any":
        truth, could = data.samples.truth, data.samples.could
        score = any_score(crossed_probabilities(found, truth, could, data.fold), could[:, :-1])
    return aucs(score[own], data.samples.truth[own, column], source_weights(data.samples.source[own]))


def _own(data: Data, head: str) -> NDArray[np.bool_]:
    if head == SEVERITY:
        noisy = data.samples.truth[:, DEFECTS.index("noise")]
        return np.asarray(data.first & noisy & (data.samples.kind == FAMILIES[0]))
    return np.asarray(data.first & data.samples.could[:, trees.HEADS.index(head)])


def table(data: Data, which: Sequence[Trial]) -> str:
    """Markdown, one line a trial; ways that recur are grown once."""
    known: dict[tuple[Way, str], NDArray[np.float64]] = {}

    def of(way: Way, head: str) -> NDArray[np.float64]:
        if (way, head) in known:
            return known[way, head]
        alone = bool(way.without) and way.without != NEW
        if head == SEVERITY or alone:
            known[way, head] = values(data, head, scores_of(data, way, (head,)))
        else:  # one that every head is tried with
            found = scores_of(data, way, trees.HEADS)
            for k, one in enumerate(trees.HEADS):
                known[way, one] = values(data, one, found if one == "any" else found[:, [k]])
        return known[way, head]

    lines = ["| goal | tried | before | after | difference [95 %] |", "| --- | --- | --- | --- | --- |"]
    for trial in which:
        one, other = of(trial.one, trial.head), of(trial.other, trial.head)
        change = estimate(other - one, data.samples.source[_own(data, trial.head)])
        lines.append(f"| {trial.head} | {trial.says} | {one[0]:.3f} | {other[0]:.3f} | {change} |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table as it grows, and keep it where ``-o`` says."""
    began = time.perf_counter()
    text = table(collected(), trials())
    print(f"{(time.perf_counter() - began) / 60:.1f} minutes")
    if "-o" in sys.argv:
        Path(sys.argv[sys.argv.index("-o") + 1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
