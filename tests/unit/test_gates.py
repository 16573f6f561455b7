"""The first quality gates and how they are named in a scenario."""

import pytest

from simgrid.domain.decision import ImageReference
from simgrid.domain.scenario import GateChoice
from simgrid.quality import gates
from simgrid.quality.gates import UnknownGate


def image(defective: bool, luck: float) -> ImageReference:
    return ImageReference(0, "CT", "Brain", 0, defective, luck)


@pytest.mark.parametrize(
    ("defective", "luck", "verdict"),
    [(True, 0.79, "repeat"), (True, 0.81, "accept"), (False, 0.01, "repeat"), (False, 0.03, "accept")],
)
def test_a_technologist_is_a_test_with_sensitivity_and_specificity(
    defective: bool, luck: float, verdict: str
) -> None:
    gate = gates.make(GateChoice("technologist", {"sensitivity": 0.8, "specificity": 0.98, "check_s": 24.0}))
    answer = gate.judge(image(defective, luck))
    assert answer.verdict == verdict
    assert answer.took_s == 24.0


def test_no_gate_takes_no_time() -> None:
    assert gates.make(GateChoice()).judge(image(True, 0.0)).took_s == 0.0


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (GateChoice("robot"), "gate 'robot' does not exist: choose one of none, technologist"),
        (GateChoice("technologist", {"speed": 1.0}), "its options are check_s, sensitivity, specificity"),
        (GateChoice("technologist", {"sensitivity": 1.5}), r"sensitivity is 1\.5: expected 0 to 1"),
        (GateChoice("technologist", {"check_s": -1.0}), "expected 0 or more seconds"),
    ],
)
def test_mistakes_are_named(choice: GateChoice, message: str) -> None:
    with pytest.raises(UnknownGate, match=message):
        gates.make(choice)
