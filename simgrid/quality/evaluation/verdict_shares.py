"""What a department would be told: the shares of verdicts on images without a defect, and on spoiled ones.

An area under a curve says how well images are ordered; whoever runs a scanner asks how many good images are
sent back, and how many bad ones pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgrid.domain.decision import Verdict
from simgrid.quality.classifier.classifier import Classifier
from simgrid.quality.classifier.judgement import DISTURBS, conclude
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.evaluation.auc import Estimate, estimate, source_weights
from simgrid.quality.evaluation.scores import Kept, cross_calibrated
from simgrid.quality.evaluation.tables import ANY, Row
from simgrid.quality.evaluation.untouched import spread
from simgrid.quality.sources.images import available, load
from simgrid.statistics.counts import share_interval

WORDS: Mapping[str, frozenset[Verdict]] = {
    "accepted": frozenset({"accept"}),
    "accepted with a note": frozenset({"accept-with-note"}),
    "repeat asked for": frozenset({"repeat"}),
    "rejected": frozenset({"reject"}),
    "abstained": frozenset({"abstain"}),
}
LEFT_OUT, AS_THEY_CAME = "verdicts, sources left out", "verdicts, test sources as they came"


def left_out(scores: Kept) -> list[Row]:
    """Shares on images of sources left out: without a defect, and with damage below or from DISTURBS.

    By weights and calibration that never saw the source. Without abstentions: these look at the picture,
    which training does not keep.
    """
    verdicts = _concluded(scores)
    damage = np.where(scores.truth[:, :ANY], scores.damages, 0.0).max(axis=1)
    spoiled = scores.truth[:, ANY]
    groups = {
        "no defect": ~spoiled,
        f"damage below {DISTURBS}": spoiled & (damage < DISTURBS),
        f"damage from {DISTURBS}": spoiled & (damage >= DISTURBS),
    }
    rows = []
    for name, own in groups.items():
        for kind in ("", "CT", "MR", "CR"):
            mine = own & ((scores.kind == kind) | (kind == ""))
            rows += _shares(LEFT_OUT, f"{name} {kind}".strip(), verdicts[mine], scores.source[mine])
    return [row for row in rows if row.of != "abstained"]


def as_they_came(classifier: Classifier, cache: Path | None) -> list[Row]:
    """Shares on images of the test set in which nobody has drawn anything, by source and of all of them."""
    found: list[Verdict] = []
    source: list[str] = []
    for name in available("test", cache):
        images = [one.image for one in load(name, cache) if np.ptp(one.image.pixels) > 0]
        judged = classifier.judge(spread(images))
        found += [one.verdict for one in judged]
        source += [name] * len(judged)
    verdicts, names = np.array(found), np.array(source)
    rows = _shares(AS_THEY_CAME, "all", verdicts, names)
    for name in dict.fromkeys(source):
        rows += _shares(AS_THEY_CAME, name, verdicts[names == name], names[names == name])
    return rows


def shares_table(rows: Sequence[Row], table: str) -> str:
    """Markdown: a line for each group of images, a column for each word."""
    own = [row for row in rows if row.table == table]
    found = {(row.on, row.of): row.estimate for row in own}
    words = list(dict.fromkeys(row.of for row in own))
    head = f"| images | how many | {' | '.join(words)} |\n|{' --- |' * (len(words) + 2)}"
    lines = [
        f"| {on} | {found[on, words[0]].images} | {' | '.join(str(found[on, word]) for word in words)} |"
        for on in dict.fromkeys(row.on for row in own)
    ]
    return head + "\n" + "\n".join(lines)


def _concluded(scores: Kept) -> NDArray[np.str_]:
    probability = cross_calibrated(scores)
    return np.array(
        [
            conclude(
                dict(zip(DEFECTS, _possible(said[:ANY], could), strict=True)),
                dict(zip(DEFECTS, _possible(severity, could), strict=True)),
                float(said[ANY]),
                "",
                str(kind),
            ).verdict
            for said, severity, could, kind in zip(
                probability, scores.severity, scores.could[:, :ANY], scores.kind, strict=True
            )
        ]
    )


def _possible(values: NDArray[np.float64], could: NDArray[np.bool_]) -> Sequence[float]:
    return [float(one) for one in np.where(could, values, 0.0)]


def _shares(table: str, on: str, verdicts: NDArray[np.str_], source: NDArray[np.str_]) -> list[Row]:
    if not verdicts.size:
        return []
    weights = source_weights(source)
    whole = np.maximum(weights.sum(axis=1), 1e-12)
    return [
        Row(
            table,
            "fused",
            on,
            word,
            _estimate((weights @ np.isin(verdicts, sorted(those)).astype(float)) / whole, source),
        )
        for word, those in WORDS.items()
    ]


def _estimate(values: NDArray[np.float64], source: NDArray[np.str_]) -> Estimate:
    """As ``auc.estimate``, but none and all of several sources are no certainty, however they are drawn.

    There the interval is Clopper and Pearson's, each source counted once. It promises no less for sources
    that are neither all 0 nor all 1: n with a mean share p show none with a chance of at most (1 - p)^n.
    """
    found = estimate(values, source)
    if found.sources == 1 or 0 < found.value < 1:
        return found
    exact = share_interval(round(found.value) * found.sources, found.sources)
    return replace(found, low=float(exact.low), high=float(exact.high))
