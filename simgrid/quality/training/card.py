"""The classifier's model card: what it is for, what it learned from, and what was looked at when."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.resources import files

from simgrid.quality.classifier import abstention, judgement
from simgrid.quality.classifier.inputs import FEATURES, LEVELS, SIDE
from simgrid.quality.measures import NAMES
from simgrid.quality.sources.catalogue import sources
from simgrid.quality.training import network
from simgrid.quality.training.folds import Plan
from simgrid.quality.training.samples import Samples

LOG = "looked_at.md"


def card(
    samples: Samples,
    folds: Mapping[str, int],
    plan: Plan,
    weights: Mapping[str, bytes],
    earns: str,
    weak_spots: str,
) -> str:
    """Markdown; the log of what was looked at is a file that people write, and is copied."""
    size = network.parameters(network.Network(with_measures=True))
    by_source = {one.name: one for one in sources()}
    rows = "\n".join(
        f"| {name} | {by_source[name].modality} | {by_source[name].package.licence} | {folds[name]} "
        f"| {int((samples.source == name).sum())} |"
        for name in sorted(folds)
    )
    digests = "\n".join(
        f"- `{name.split('/')[-1]}`: {len(content)} bytes, SHA-256 `{hashlib.sha256(content).hexdigest()}`"
        for name, content in sorted(weights.items())
        if name.startswith("weights/")
    )
    log = (files("simgrid.quality.training") / LOG).read_text(encoding="utf-8")
    return f"""# Model card: image-quality classifier

Made by `simgrid qa train`; figures by `simgrid qa evaluate`, with their command, in
docs/explanation/image-classifier.md.

## What it is for

To tell a technologist, before the patient leaves, whether a CT or MR slice or a radiograph has one of ten
defects, how likely, and how much damage it does. It is no diagnostic device, it has not been tested on
patients of any hospital, and its defects in training were simulated.

## What it is

- {len(NAMES)} measures, as ranks among {LEVELS} quantiles of the training images, and the family of
  modalities ({len(FEATURES)} numbers), to boosted trees: the mean of {plan.size.seeds} forests of
  {plan.size.trees} trees of at most {plan.size.leaves} leaves a defect, and one such forest for its
  damage; then the mean of these and of as many trees grown on the image's own modality alone.
- A network of {size:,} parameters on four pictures of {SIDE} x {SIDE} (plane, local detail, spectrum, polar
  detail) and the same ranks.
- Their log odds are mixed, nine parts trees and one part network, then calibrated by a logistic curve a
  defect, fitted on sources left out.

{earns} Sources left out of training, interval over sources: `simgrid qa evaluate`.

{digests}

## What it learned from

{len(samples)} images made of the sources of role `train` in `simgrid/quality/sources/catalogue.csv`, with
none, one or two defects of `simgrid.quality.defects`. The fold says which sources were left out together.

| source | modality | licence | fold | images |
| --- | --- | --- | --- | --- |
{rows}

{_rules()}
{weak_spots}
{log}"""


def _rules() -> str:
    return f"""## When it says nothing

1. The modality is not CT, MR or a radiograph.
2. A side has fewer than {abstention.SMALLEST} pixels.
3. Every pixel alike, or wavelet noise above {abstention.ALL_NOISE:.0%} of all variation.
4. More measures outside the range of training images than 98 % of images of left-out sources have.
5. Trees and network differ by more than {abstention.DISAGREE} in the probability of any defect.

## What it says

A defect is there from a calibrated probability of {judgement.PRESENT}. Reject from a damage of
{judgement.USELESS}, repeat from {judgement.DISTURBS} for what a repeat mends, else accept with a note. The
two damages are assumptions of ours; a site sets its own. Inversion in radiographs is noted and
decides nothing: the classifier is wrong there.
"""
