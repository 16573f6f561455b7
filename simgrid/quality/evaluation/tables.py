"""The tables of ``simgrid qa evaluate``: plain rows, made of what training kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.evaluation.auc import (
    Estimate,
    aucs,
    calibration_errors,
    estimate,
    rank_correlations,
    source_weights,
)
from simgrid.quality.evaluation.scores import HEADS, JUDGES, Kept, cross_calibrated

ANY = len(HEADS) - 1


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: of which table, who judged, on what, the measure of quality, the estimate."""

    table: str
    judge: str
    on: str
    of: str
    estimate: Estimate


def all_rows(scores: Kept) -> list[Row]:
    """Every table on sources left out of training."""
    weights = source_weights(scores.source)
    return [
        *judges(scores, weights),
        *differences(scores, weights),
        *calibration(scores, weights),
        *severity(scores),
        *by_group(scores, "source", scores.source),
        *by_group(scores, "modality", scores.kind),
        *left_out_kinds(scores),
        *second_generator(scores),
        *single_measures(scores, weights),
    ]


def judges(scores: Kept, weights: NDArray[np.float64]) -> list[Row]:
    """AUC of each judge: any defect, and each defect among images that can have it."""
    rows = []
    for judge in JUDGES:
        for head, name in reversed(list(enumerate(HEADS))):
            found = _auc(scores, scores.judges[judge], head, weights)
            rows.append(Row("judges", judge, name, "AUC", found))
    return rows


def _auc(scores: Kept, log_odds: NDArray[np.float64], head: int, weights: NDArray[np.float64]) -> Estimate:
    own = scores.could[:, head]
    values = aucs(log_odds[own, head], scores.truth[own, head], weights[:, own])
    return estimate(values, scores.source[own])


def differences(scores: Kept, weights: NDArray[np.float64]) -> list[Row]:
    """Paired: the same images, the same replicates."""
    rows = []
    for better, worse in (("fused", "trees"), ("fused", "fused, pictures shuffled"), ("trees", "logistic")):
        for head in (ANY, *range(ANY)):
            own = scores.could[:, head]
            one, other = (
                aucs(scores.judges[judge][own, head], scores.truth[own, head], weights[:, own])
                for judge in (better, worse)
            )
            found = estimate(one - other, scores.source[own])
            rows.append(Row("differences", f"{better} - {worse}", HEADS[head], "AUC difference", found))
    return rows


def calibration(scores: Kept, weights: NDArray[np.float64]) -> list[Row]:
    """Expected calibration error, curves fitted on other folds; and of the raw scores, for comparison."""
    from simgrid.quality.classifier.calibration import sigmoid

    rows = []
    for judge, found in (
        ("fused", cross_calibrated(scores)),
        ("fused, raw", sigmoid(scores.judges["fused"])),
    ):
        for head in (ANY, *range(ANY)):
            own = scores.could[:, head]
            errors = calibration_errors(found[own, head], scores.truth[own, head], weights[:, own])
            rows.append(Row("calibration", judge, HEADS[head], "ECE", estimate(errors, scores.source[own])))
    return rows


def severity(scores: Kept) -> list[Row]:
    """Spearman between damage said and damage done, among images with the defect, by modality."""
    rows = []
    for kind in ("CT", "MR", "CR"):
        for head, defect in enumerate(DEFECTS):
            own = scores.truth[:, head] & (scores.kind == kind)
            if own.sum() < 20 or np.ptp(scores.damages[own, head]) == 0:
                continue
            weights = source_weights(scores.source[own])
            done = scores.damages[own, head]
            for judge, said in (("fused", scores.severity), ("trees", scores.tree_severity)):
                values = rank_correlations(said[own, head], done, weights)
                found = estimate(values, scores.source[own])
                rows.append(Row("severity", judge, f"{kind} {defect}", "Spearman", found))
    return rows


def by_group(scores: Kept, table: str, group: NDArray[np.str_]) -> list[Row]:
    """Any-defect AUC within each source, and within each modality; one source has no interval."""
    rows = []
    for name in np.unique(group):
        own = group == name
        weights = source_weights(scores.source[own])
        for judge in ("trees", "fused"):
            values = aucs(scores.judges[judge][own, ANY], scores.truth[own, ANY], weights)
            found = estimate(values, scores.source[own])
            rows.append(Row(table, judge, str(name), "AUC of any defect", found))
    return rows


def left_out_kinds(scores: Kept) -> list[Row]:
    """A whole modality unseen: what the judge knows of images as such."""
    rows = []
    for kind in ("CT", "MR", "CR"):
        own = scores.kind == kind
        weights = source_weights(scores.source[own])
        values = aucs(scores.kinds[own, ANY], scores.truth[own, ANY], weights)
        rows.append(
            Row("modality left out", "fused", kind, "AUC of any defect", estimate(values, scores.source[own]))
        )
    return rows


def second_generator(scores: Kept) -> list[Row]:
    """Defects by code that shares nothing with that of training, on the same left-out sources."""
    second = scores.second
    weights, first = source_weights(second.source), source_weights(scores.source)
    rows = []
    for judge, log_odds in second.judges.items():
        for head in (ANY, *range(ANY)):
            own, mine = second.could[:, head], scores.could[:, head]
            there = aucs(log_odds[own, head], second.truth[own, head], weights[:, own])
            here = aucs(scores.judges[judge][mine, head], scores.truth[mine, head], first[:, mine])
            there_found = estimate(there, second.source[own])
            rows.append(Row("second generator", judge, HEADS[head], "AUC", there_found))
            lost = estimate(here - there, second.source[own])
            rows.append(Row("second generator", judge, HEADS[head], "AUC lost", lost))
    return rows


def single_measures(scores: Kept, weights: NDArray[np.float64]) -> list[Row]:
    """Any-defect AUC of each measure alone, its direction taken from the other folds."""
    rows = []
    few = weights[:201]
    for k, name in enumerate(scores.names):
        ranks = scores.ranks[:, k].astype(np.float64)
        signed = np.empty_like(ranks)
        for fold in np.unique(scores.fold):
            out = scores.fold == fold
            direction = aucs(ranks[~out], scores.truth[~out, ANY], np.ones((1, int((~out).sum()))))[0]
            signed[out] = ranks[out] if direction >= 0.5 else -ranks[out]
        values = aucs(signed, scores.truth[:, ANY], few)
        rows.append(Row("single measures", name, "any", "AUC", estimate(values, scores.source)))
    return sorted(rows, key=lambda row: -row.estimate.value)


def as_csv(rows: list[Row]) -> str:
    """``table,judge,on,of,value,low,high,images,sources`` with six digits; empty where there is no figure."""
    lines = ["table,judge,on,of,value,low,high,images,sources"]
    for row in rows:
        one = row.estimate
        figures = ",".join(
            f"{figure:.6g}" if np.isfinite(figure) else "" for figure in (one.value, one.low, one.high)
        )
        named = ",".join(
            f'"{text}"' if "," in text else text for text in (row.table, row.judge, row.on, row.of)
        )
        lines.append(f"{named},{figures},{one.images},{one.sources}")
    return "\n".join(lines) + "\n"


def from_csv(text: str) -> list[Row]:
    """Back from ``as_csv``, with its six digits."""
    rows = []
    for one in csv.DictReader(io.StringIO(text)):
        value, low, high = (float(one[name] or "nan") for name in ("value", "low", "high"))
        found = Estimate(value, low, high, int(one["images"]), int(one["sources"]))
        rows.append(Row(one["table"], one["judge"], one["on"], one["of"], found))
    return rows


def by_name(rows: list[Row]) -> Mapping[tuple[str, str, str, str], Estimate]:
    """For whoever wants one figure."""
    return {(row.table, row.judge, row.on, row.of): row.estimate for row in rows}
