"""What the organs say about a file: its header's body part, and anatomy that the picture cuts off.

Only organs that were found again on a source held out may accuse a header (``TRUSTED``), and only when much
of them is seen: a false accusation costs a technologist's trust, a missed one is what there was before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simgrid.dicom.finding import Finding
from simgrid.quality.image import Image
from simgrid.quality.network import UnreadableWeights
from simgrid.quality.segmentation.organs import SEEN_MODALITIES, Anatomy, Organ, Segmenter

TRUSTED: Mapping[str, tuple[Organ, ...]] = {"CT": ("liver",), "MR": ()}
ENOUGH_CM2 = 20.0
CUT_MM = 15.0
_HEAD = ("HEAD", "BRAIN", "SKULL", "NECK", "CSPINE", "ORBIT", "SINUS", "JAW", "FACE", "EAR", "EYE")
_LIMB = (
    "ARM", "HAND", "WRIST", "ELBOW", "FOOT", "ANKLE", "KNEE", "LEG", "EXTREMITY", "FINGER", "TOE", "THUMB",
)  # fmt: skip
_TORSO = ("ABDOMEN", "PELVIS", "CHEST", "THORAX", "LIVER", "KIDNEY", "LSPINE", "HEART", "HIP", "BREAST")
NOT_THERE: Mapping[Organ, tuple[str, ...]] = {"liver": (*_HEAD, *_LIMB), "brain": (*_TORSO, *_LIMB)}
"""Of an organ, the body parts (values of BodyPartExamined) in which it is not."""


def of_file(images: Sequence[Image], segmenter: Segmenter | None = None) -> tuple[Finding, ...]:
    """Findings on a file's middle plane, where its header names a part that an organ could contradict.

    Elsewhere nobody asks the network: it costs as much time as all the rest of a check. Where its weights
    are not there, nothing is found.
    """
    if not images:
        return ()
    image = images[len(images) // 2]
    organs = TRUSTED.get(image.modality, ())
    if not any(_named(image) in NOT_THERE.get(organ, ()) for organ in organs):
        return ()
    try:
        return findings(image, segmenter)
    except UnreadableWeights:
        return ()


def findings(image: Image, segmenter: Segmenter | None = None) -> tuple[Finding, ...]:
    """Faults that the organs of a CT or MR slice show; none for other modalities and unnamed body parts."""
    if image.modality not in SEEN_MODALITIES:
        return ()
    seen = (segmenter or Segmenter.shipped()).anatomy(image)
    return (*_wrong_part(image, seen), *_cut_off(image, seen))


def _wrong_part(image: Image, seen: Anatomy) -> list[Finding]:
    part = _named(image)
    return [
        Finding(
            "body-part-against-organs",
            "(0018,0015)",
            f"BodyPartExamined, frame {image.frame + 1}",
            "warning",
            f"the header names another part of the body, and the slice shows {area:.0f} cm2 of what looks "
            f"like {organ}: check that the right part was scanned and named",
        )
        for organ, area in sorted(seen.area_cm2.items())
        if organ in TRUSTED[image.modality] and area >= ENOUGH_CM2 and part in NOT_THERE.get(organ, ())
    ]


def _cut_off(image: Image, seen: Anatomy) -> list[Finding]:
    return [
        Finding(
            "organ-cut-off",
            "",
            f"frame {image.frame + 1}",
            "note",
            f"{length:.0f} mm of the {organ} lie on the picture's edge: the field of view may be too small",
        )
        for organ, length in sorted(seen.at_edge_mm.items())
        if organ in TRUSTED[image.modality] and length >= CUT_MM and seen.area_cm2[organ] >= ENOUGH_CM2
    ]


def _named(image: Image) -> str:
    return image.body_part.upper().replace(" ", "")
