"""What was tried for the goals that the image-quality classifier misses: one thing at a time, by trees.

``python -m benchmarks.quality_improvements [-o TABLE.md]``: about 12 minutes on two free cores, half of it to
draw the training images again. Needs the images of ``simgrid qa fetch-data`` and scikit-learn, no torch.

Before is what is shipped (its trees alone); after is the same with one thing changed, or several.
Both judge the same images of sources that they never saw; differences are paired and their intervals a
bootstrap over sources. The test set is not touched. AUC, except for severity (Spearman).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from benchmarks import quality_candidates
from simgrid.quality.classifier import inputs
from simgrid.quality.classifier.calibration import any_score, crossed_probabilities
from simgrid.quality.classifier.inputs import FAMILIES, FEATURES
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.evaluation.auc import aucs, estimate, rank_correlations, source_weights
from simgrid.quality.measures import bias
from simgrid.quality.measures.view import View
from simgrid.quality.sources.images import available
from simgrid.quality.training import trees
from simgrid.quality.training.collection import PER_SOURCE, PROJECTED, images_of
from simgrid.quality.training.folds import FOLDS, folds_of
from simgrid.quality.training.samples import Samples, joined, sample_image, samples_of
from simgrid.quality.training.steps import SEED
from simgrid.quality.training.trees import Size

HEADS = (*DEFECTS, "any")
SEVERITY = "severity of CT noise"
COLUMNS = (*FEATURES, *quality_candidates.NAMES)
MORE = 2  # times the images of a source, for those who learn from more
OWN = ("bias", *bias.MEASURES)
MISSED = ("noise", "blur", "metal", "ring", "motion", "ghosting", "bias", "any")
FOR = {
    "noise": ("windows",),
    "blur": ("edges",),
    "metal": ("streaks",),
    "ring": ("rings",),
    "motion": ("streaks",),
    "ghosting": ("replicas",),
    "bias": ("shading",),
    SEVERITY: ("windows",),
    "any": tuple(quality_candidates.OF_MODULE),
}


@dataclass(frozen=True, slots=True)
class Way:
    """How trees are grown: with which candidates, on how many images, how many forests, for whom.

    ``only``: no measures but these candidates and those of the same defect. ``by_kind``: trees of each
    modality beside those of all, in equal parts. ``by_damage``: images with more damage count more.
    """

    modules: tuple[str, ...] = ()
    only: bool = False
    more: bool = False
    forests: int = 1
    by_kind: bool = False
    by_damage: bool = False

    def columns(self) -> NDArray[np.intp]:
        """Of ``COLUMNS``, those that the trees see."""
        seen = {name for one in self.modules for name in quality_candidates.OF_MODULE[one]}
        seen |= {name for name in FEATURES if not self.only or name in OWN or name.startswith("is_")}
        return np.flatnonzero([name in seen for name in COLUMNS])


BEFORE = Way()


def trials(head: str) -> Iterator[tuple[str, Way]]:
    """What was tried for a goal; all of these look at the same images as before."""
    own = FOR[head]
    yield f"measures: {', '.join(own)}", Way(own)
    if head == "bias":
        yield "those and the older ones of bias, no others", Way(own, only=True)
    if head == "metal":
        yield "measures: streaks, edges, windows", Way(("streaks", "edges", "windows"))
    if head == "motion":
        yield "measures: streaks, edges, replicas", Way(("streaks", "edges", "replicas"))
    yield "trees of each modality beside those of all", Way(by_kind=True)
    yield "two forests averaged", Way(forests=2)
    yield f"{MORE} times the images of a source", Way(more=True)
    yield "images with more damage count more", Way(by_damage=True)
    if head != "any":
        yield "those measures, and trees of each modality", Way(own, only=head == "bias", by_kind=True)


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Samples with candidates (n, candidates; 0 beyond the ``first`` of a source, which are judged)."""

    samples: Samples
    extra: NDArray[np.float32]
    fold: NDArray[np.int64]
    first: NDArray[np.bool_]


def collected() -> Data:
    """All training images drawn again, and as many more."""
    names = [name + how for how in (PROJECTED, "") for name in available("train", None)]
    made = Parallel(n_jobs=2, backend="loky")(delayed(_source)(name) for name in names)
    samples, extra = zip(*(one for one in made if one is not None), strict=True)
    return of_parts(joined(samples), np.concatenate(extra))


def of_parts(samples: Samples, extra: NDArray[np.float32]) -> Data:
    """With the folds of training; judged are the images that training has."""
    folds = folds_of(samples.source.tolist(), samples.kind.tolist())
    number = np.array([int(key.rpartition("/")[2]) for key in samples.key.tolist()])
    most = np.array([_count(key.rpartition("/")[0]) for key in samples.key.tolist()])
    return Data(samples, extra, np.array([folds[one] for one in samples.source.tolist()]), number < most)


def _count(name: str) -> int:
    return PER_SOURCE * (3 if name.endswith(PROJECTED) else 1)


def _source(name: str) -> tuple[Samples, NDArray[np.float32]] | None:
    images = images_of(name, None)
    if not images:
        return None
    made = samples_of(name, images, MORE * _count(name), SEED)
    extra = np.zeros((len(made), len(quality_candidates.NAMES)), np.float32)
    for number in range(_count(name)):
        extra[number] = quality_candidates.candidates(View(sample_image(name, images, number, SEED)))
    own = np.full(len(made), name.removesuffix(PROJECTED), made.source.dtype)
    return replace(made, source=own), extra


def scores_of(data: Data, way: Way, heads: Sequence[str]) -> NDArray[np.float64]:
    """(n, heads): log odds, or damage, of the images that are judged, by trees that never saw the source."""
    parts = Parallel(n_jobs=2, backend="loky")(
        delayed(_fold)(data, way, heads, number) for number in range(FOLDS)
    )
    found = np.zeros((len(data.samples), len(heads)))
    for number, part in enumerate(parts):
        found[(data.fold == number) & data.first] = part
    return found


def _fold(data: Data, way: Way, heads: Sequence[str], number: int) -> NDArray[np.float64]:
    whole = np.hstack([data.samples.features, data.extra])[:, way.columns()]
    learned = (data.fold != number) & (data.first | way.more)
    out = (data.fold == number) & data.first
    edges = trees.edges_of(whole[learned])
    ranks = inputs.ranks(whole, edges).astype(np.float32)
    found = np.zeros((int(out.sum()), len(heads)))
    for column, head in enumerate(heads):
        found[:, column] = _forests(data, way, head, ranks, learned, out, 0)
        for k, kind in enumerate(FAMILIES if way.by_kind else ()):
            own = data.samples.kind == kind
            if _enough(data, head, learned & own):
                alone = _forests(data, replace(way, forests=1), head, ranks, learned & own, out & own, k + 1)
                found[own[out], column] = (found[own[out], column] + alone) / 2
    return found


def _enough(data: Data, head: str, own: NDArray[np.bool_]) -> bool:
    truth = data.samples.truth[own, HEADS.index("noise" if head == SEVERITY else head)]
    return min(int(truth.sum()), int((~truth).sum())) >= trees.FEWEST


def _forests(
    data: Data,
    way: Way,
    head: str,
    ranks: NDArray[np.float32],
    learned: NDArray[np.bool_],
    out: NDArray[np.bool_],
    number: int,
) -> NDArray[np.float64]:
    """The mean over forests of what they say of ``out``."""
    if not out.any():
        return np.zeros(0)
    column = HEADS.index("noise" if head == SEVERITY else head)
    size, samples = Size(), data.samples
    found = []
    for again in range(way.forests):
        told = trees.settings(size, SEED + column + 1000 * number + 100 * again)
        if head == SEVERITY:
            own = learned & samples.truth[:, column]
            grown: Any = HistGradientBoostingRegressor(**told).fit(ranks[own], samples.damages[own, column])
            found.append(grown.predict(ranks[out]))
            continue
        own = learned & samples.could[:, column]
        truth, weight = samples.truth[own, column], np.ones(int(own.sum()))
        if way.by_damage and head in DEFECTS:
            weight[truth] = 0.4 + 1.2 * np.sqrt(samples.damages[own, column][truth])
        grown = HistGradientBoostingClassifier(**told).fit(ranks[own], truth, sample_weight=weight)
        found.append(grown.decision_function(ranks[out]))
    return np.asarray(np.mean(found, axis=0))


def values(data: Data, head: str, found: NDArray[np.float64]) -> NDArray[np.float64]:
    """AUC, or Spearman's for severity, by bootstrap replicate; the first is the sample's own."""
    own, samples = _judged(data, head), data.samples
    weights = source_weights(samples.source[own])
    if head == SEVERITY:
        done = samples.damages[own, DEFECTS.index("noise")].astype(np.float64)
        return rank_correlations(found[own, 0], done, weights)
    score = found[:, 0]
    if head == "any":
        first = data.first
        said = crossed_probabilities(
            found[first], samples.truth[first], samples.could[first], data.fold[first]
        )
        score = np.zeros(len(found))
        score[first] = any_score(said, samples.could[first, :-1])
    return aucs(score[own], samples.truth[own, HEADS.index(head)], weights)


def _judged(data: Data, head: str) -> NDArray[np.bool_]:
    if head == SEVERITY:
        noisy = data.samples.truth[:, DEFECTS.index("noise")]
        return np.asarray(data.first & noisy & (data.samples.kind == "CT"))
    return np.asarray(data.first & data.samples.could[:, HEADS.index(head)])


class Known:
    """Values by way and head; ways that do not depend on the head are grown for all heads at once."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.found: dict[tuple[Way, str], NDArray[np.float64]] = {}

    def of(self, way: Way, head: str) -> NDArray[np.float64]:
        """By bootstrap replicate."""
        if (way, head) not in self.found:
            common = head == "any" or (not way.modules and head != SEVERITY)
            heads = HEADS if common else (head,)
            scores = scores_of(self.data, way, heads)
            for k, one in enumerate(heads):
                mine = scores if one == "any" else scores[:, [k]]
                self.found[way, one] = values(self.data, one, mine)
        return self.found[way, head]


def table(data: Data) -> Iterator[str]:
    """Markdown, line by line."""
    known = Known(data)
    yield "| goal | tried | before | after | difference [95 %] |"
    yield "| --- | --- | --- | --- | --- |"
    for head in (*MISSED, SEVERITY):
        before = known.of(BEFORE, head)
        for says, way in trials(head):
            if head == SEVERITY and way.by_damage:
                continue
            after = known.of(way, head)
            change = estimate(after - before, data.samples.source[_judged(data, head)])
            yield f"| {head} | {says} | {before[0]:.3f} | {after[0]:.3f} | {change} |"


def main() -> None:
    """Print the table as it grows, and keep it where ``-o`` says."""
    began, lines = time.perf_counter(), []
    for line in table(collected()):
        print(line, flush=True)
        lines.append(line)
    print(f"{(time.perf_counter() - began) / 60:.1f} minutes")
    if "-o" in sys.argv:
        Path(sys.argv[sys.argv.index("-o") + 1]).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
