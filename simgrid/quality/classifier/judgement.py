"""What is said of one image, and the rule that turns probabilities and severities into a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simgrid.domain.decision import Verdict
from simgrid.quality.defect_names import DEFECTS, Defect, family

PRESENT = 0.5
"""A defect with at least this calibrated probability is taken to be there."""
DISTURBS = 0.35
"""From this share of damage on, a repeat is worth its dose and minutes (assumed; a site sets its own)."""
USELESS = 0.8
"""From this share of damage on, an image is of no use whatever the defect (assumed)."""
REPEAT_HELPS: frozenset[Defect] = frozenset(
    {"noise", "motion", "blur", "ghosting", "exposure", "ring", "truncation", "bias"}
)
"""Metal stays in the patient, and an inverted image is turned over by software: no repeat mends these."""
NOTED_ONLY: Mapping[str, frozenset[Defect]] = {"CR": frozenset({"inversion"})}
"""By family of modalities, what is said and decides nothing, since the classifier is known to be wrong there:
it learned radiographs from projections, and takes a real one with wide white collimator borders for inverted.
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one image: all ten defects, 0 where the modality cannot have one.

    ``probability``: calibrated, that the defect is there. ``severity``: the damage to the picture, 0 to 1,
    that it would have done if it is there. ``any_defect``: the probability that there is at least one.
    ``why``: in words, what the verdict rests on.
    """

    probability: Mapping[Defect, float]
    severity: Mapping[Defect, float]
    abstains: bool
    why: str
    verdict: Verdict
    any_defect: float = 0.0


def nothing_said(why: str) -> Judgement:
    """Of an image that is not judged at all."""
    none = dict.fromkeys(DEFECTS, 0.0)
    return Judgement(none, none, abstains=True, why=why, verdict="abstain")


def conclude(
    probability: Mapping[Defect, float],
    severity: Mapping[Defect, float],
    any_defect: float,
    doubt: str,
    modality: str = "",
) -> Judgement:
    """The verdict of one image, by the worst defect that is taken to be there; ``doubt`` makes it abstain.

    reject: damage of at least USELESS. repeat: at least DISTURBS, and a repeat helps. accept-with-note: any
    other defect that is there, or a probability of at least PRESENT that there is one nobody can name. What
    is NOTED_ONLY in ``modality`` comes to no more than a note.
    """
    there = [defect for defect in DEFECTS if probability[defect] >= PRESENT]
    said = ", ".join(
        f"{one} ({probability[one]:.0%} likely, damage {severity[one]:.2f})"
        for one in sorted(there, key=lambda one: -severity[one])
    )
    if doubt:
        return Judgement(probability, severity, True, doubt, "abstain", any_defect)
    if not there:
        if any_defect < PRESENT:
            return Judgement(probability, severity, False, "no defect found", "accept", any_defect)
        why = f"some defect is {any_defect:.0%} likely and none can be named"
        return Judgement(probability, severity, False, why, "accept-with-note", any_defect)
    verdict: Verdict = "accept-with-note"
    deciding = set(there) - NOTED_ONLY.get(family(modality), frozenset())
    if any(severity[one] >= USELESS for one in deciding):
        verdict = "reject"
    elif any(severity[one] >= DISTURBS for one in REPEAT_HELPS & deciding):
        verdict = "repeat"
    return Judgement(probability, severity, False, said, verdict, any_defect)
