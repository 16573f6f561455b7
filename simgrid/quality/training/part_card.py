"""Model cards of the small networks: what for, learned from what, and what was looked at when."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from simgrid.quality.sources.held_out import HELD_OUT

LOOKED_AT = """- Before these weights were trained, two files were committed: the sources held out
  (`simgrid/quality/sources/held_out.py`) and the roles of all (`catalogue.csv`).
- While this was written: short trainings were tried on the sources held out, and sizes, rates and ways of
  drawing examples were chosen with those figures in view. Figures on held-out sources are therefore a little
  too good.
- Of the sources of role `test`, one slice of each of three volumes was shown once, to see that they can be
  read. """
UNSEEN = "Nothing was measured on them before the weights were made."


@dataclass(frozen=True, slots=True)
class About:
    """The words of a card; each text is Markdown."""

    title: str
    purpose: str
    what: str
    limits: str
    test_sources: str = UNSEEN  # what was measured on them before these weights


ORGANS = About(
    "organs in CT and MR slices",
    "To tell whether an organ is in a slice and whether the picture cuts it off, for `qa check`: a "
    "header that names another part of the body, a field of view that ends within an organ. No "
    "measurement of organs.",
    "A U-Net with three halvings (10, 20, 40, 40 channels) on slices resampled to 3 mm. Weights are "
    "kept in half precision. Three examples in ten were repainted with random shades, so that shape "
    "counts more than contrast.",
    "The label maps of CT and MR are the output of TotalSegmentator, not of people; those of the brain "
    "are atlases. Only organs named in `segmentation/findings.py` as trusted may say anything to a "
    "user.",
)
DENOISER = About(
    "denoiser",
    "To take noise out of a CT or MR slice or a radiograph before it is looked at again. The original "
    "is kept, and the bot keeps the result only where the score improves.",
    "Five convolutions of 24 channels over groups of 2 x 2 pixels, which are told the noise of two "
    "octaves, estimated from the image, and whether the image is MR. Taught by squared error on "
    "noise made in image space, that of a magnitude in MR, by neither of the two defect generators that "
    "judge it. Half precision.",
    "It removes what it takes for noise, fine texture included. That level and kind are told and that "
    "MR has the noise of a magnitude were chosen on the three sources held out, one training each. Test "
    "sources: measured with the weights before; one volume with weights that were not told the kind, and "
    "five with these, in runs that were cut off; then all with these. Nothing was chosen by them. The "
    "variant against a critic (`simgrid qa train denoiser-adversarial`) is not shipped.",
    "The weights before these were measured on them, as the limits say.",
)
ANOMALY = About(
    "map of anomalies",
    "To point at places of a CT or MR slice that look put in from elsewhere. It points; it diagnoses "
    "nothing, and a low map is no clean bill.",
    "A U-Net with two halvings (8, 16, 32 channels) on slices resampled to 3 mm, taught to find patches "
    "of other slices and shades blended in within ragged outlines. No lesion was used.",
    "Claims are limited to what `qa evaluate` measures: smooth discs of three contrasts put into "
    "held-out sources, and five real lesions of role `test`.",
)


def card(about: About, sources: Sequence[str], name: str, content: bytes) -> bytes:
    """The card as a file; ``sources`` are those that were learned from."""
    learned = "\n".join(f"- `{one}`" for one in sorted(sources))
    never = "\n".join(f"- `{one}` (tried on)" for one in HELD_OUT)
    digest = hashlib.sha256(content).hexdigest()
    text = f"""# Model card: {about.title}

Made by `simgrid qa train`; figures by `simgrid qa evaluate`, explained in docs/explanation/image-parts.md.

## What it is for

{about.purpose}

## What it is

{about.what}

- `{name}`: {len(content)} bytes, SHA-256 `{digest}`

## What it learned from

{learned}

Never from these, nor from any source of role `test`:

{never}

## Limits

{about.limits}

## What was looked at, and when

{LOOKED_AT}{about.test_sources}
"""
    return text.encode()
