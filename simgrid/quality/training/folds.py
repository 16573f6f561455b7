"""Which sources are left out together, and scores of every sample by weights that never saw its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier import inputs
from simgrid.quality.training import network, trees
from simgrid.quality.training.network import Course
from simgrid.quality.training.processes import in_processes
from simgrid.quality.training.samples import Samples
from simgrid.quality.training.trees import Size
from simgrid.randomness import stream

FOLDS = 5
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the training is; the same code path whatever the numbers."""

    size: Size
    course: Course
    seed: int
    threads: int


@dataclass(frozen=True, slots=True, eq=False)
class Unseen:
    """Scores of samples whose source was left out: log odds (n, 11) of each judge, damages (n, 10) of two.

    ``plain``: the network on pictures alone. ``network``: on pictures and measures. ``shuffled``: the latter
    with the pictures of another image of the same modality. ``second_``: of the second generator's images.
    """

    logistic: NDArray[np.float64]
    trees: NDArray[np.float64]
    plain: NDArray[np.float64]
    network: NDArray[np.float64]
    shuffled: NDArray[np.float64]
    tree_damages: NDArray[np.float64]
    network_damages: NDArray[np.float64]
    second_trees: NDArray[np.float64]
    second_network: NDArray[np.float64]


def folds_of(sources: Sequence[str], kinds: Sequence[str], count: int = FOLDS) -> dict[str, int]:
    """Source to fold: those with radiographs first, then CT, then MR, dealt out in turn by name.

    ``sources`` and ``kinds`` by sample. A patient's CT and the projections of it are one source.
    """
    have: dict[str, set[str]] = {}
    for source, kind in zip(sources, kinds, strict=True):
        have.setdefault(source, set()).add(kind)
    rank = {"CR": 0, "CT": 1, "MR": 2}
    ordered = sorted(have, key=lambda one: (min(rank[kind] for kind in have[one]), one))
    return {source: place % count for place, source in enumerate(ordered)}


def unseen_scores(
    samples: Samples,
    second: Samples,
    left_out: Sequence[tuple[Mask, Mask]],
    plan: Plan,
    *,
    alone: bool = True,
) -> Unseen:
    """Each pair of masks, of ``samples`` and ``second``, is judged by what the rest of ``samples`` taught.

    ``alone``: teach a network on pictures alone too; its scores are 0 otherwise.
    """
    tasks = [(*masks, flag) for masks in left_out for flag in ((True, False) if alone else (True,))]
    found = in_processes(
        _fold,
        ((samples, mask, second.chosen(other) if flag else None, plan) for mask, other, flag in tasks),
        plan.threads,
    )
    n, m = len(samples), len(second)
    scores = {name: np.zeros((n, 11)) for name in ("logistic", "trees", "plain", "network", "shuffled")}
    scores |= {name: np.zeros((n, 10)) for name in ("tree_damages", "network_damages")}
    scores |= {name: np.zeros((m, 11)) for name in ("second_trees", "second_network")}
    for (mask, other, _), judged in zip(tasks, found, strict=True):
        for name, values in judged.items():
            scores[name][other if name.startswith("second") else mask] = values
    return Unseen(**scores)


def _fold(
    samples: Samples, out: NDArray[np.bool_], second: Samples | None, plan: Plan
) -> dict[str, NDArray[np.float64]]:
    """One process's work: the network on pictures alone, or everything else where there is a ``second``."""
    with_measures = second is not None
    rest, judged = samples.chosen(~out), samples.chosen(out)
    edges = trees.edges_of(rest.features)
    ranks, unseen = inputs.ranks(rest.features, edges), inputs.ranks(judged.features, edges)
    taught = network.teach(
        rest, inputs.centred(ranks), plan.course, plan.seed, threads=1, with_measures=with_measures
    )
    logits, damages = network.predict(taught, judged.pictures, inputs.centred(unseen))
    if second is None:
        return {"plain": logits}
    mixed = judged.pictures[shuffle_within(judged.kind, plan.seed)]
    others = inputs.ranks(second.features, edges)
    grown = trees.grow_defects(ranks, rest, plan.size, plan.seed)
    return {
        "second_trees": grown.evaluate(others),
        "second_network": network.predict(taught, second.pictures, inputs.centred(others))[0],
        "network": logits,
        "network_damages": damages,
        "shuffled": network.predict(taught, mixed, inputs.centred(unseen))[0],
        "trees": grown.evaluate(unseen),
        "tree_damages": trees.grow_damages(ranks, rest, plan.size, plan.seed).evaluate(unseen),
        "logistic": trees.logistic(rest, ranks, unseen),
    }


def shuffle_within(kind: NDArray[np.str_], seed: int) -> NDArray[np.int64]:
    """A permutation that gives every image the place of another of the same modality."""
    order = np.arange(kind.size)
    for one in np.unique(kind):
        own = np.flatnonzero(kind == one)
        order[own] = stream(seed, 0, "shuffle", str(one)).permutation(own)
    return order
