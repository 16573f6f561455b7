"""``images``, ``recall``, ``administration``: what they mean, what is refused, which keys change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from simgrid.domain.administration import Administration, Appointments, Billing, Consumables
from simgrid.domain.imaging import ImagePool, Recall
from simgrid.domain.scenario import GateChoice, Scenario
from simgrid.experiments import workloads
from simgrid.experiments.assemble import run_journal, setting_of
from simgrid.experiments.campaign import campaign
from simgrid.experiments.identity import cell_digest
from simgrid.experiments.installed import installed
from simgrid.experiments.picturing import pictured
from simgrid.quality.gates import UnknownGate
from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree
from tests.unit.test_planting import folder, own_cache  # noqa: F401 - fixtures

TINY = Path(__file__).parents[2] / "scenarios/tiny/one-unit.yaml"


def cell(tmp_path: Path, text: str) -> Scenario:
    file = tmp_path / "s.yaml"
    file.write_text(f"extends: tiny/one-unit.yaml\n{text}\n", encoding="utf-8")
    (found,) = load(file, (), installed()).cells
    return found


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(ScenarioInvalid) as error:
        cell(tmp_path, text)
    return str(error.value)


def test_what_is_declared_arrives_in_the_models_units(tmp_path: Path) -> None:
    found = cell(
        tmp_path,
        """
defects: {any: 20 %}
images:
  kinds: {noise: 2, blur: 1}
  looks: 3
  severity: {levels: [0.5, 1.0], shares: [80 %, 20 %], relevant: 30 %}
acquisition:
  scan: 5 min
  dose: {CT: 7 mSv, DX: 0.1 mSv}
  recall: {found: 50 %, notice: 1 min, delay: 1 d, most: 2}
administration:
  appointments: {slot: 10 min, bot: true}
  billing: {wrong_by_hand: 20 %}
  consumables: {use: {CT: 2}, initial: 5}
""",
    )
    assert found.images == ImagePool(
        "pydicom", None, {"noise": 2.0, "blur": 1.0}, (0.5, 1.0), (0.8, 0.2), pytest.approx(0.3), 3
    )
    assert found.acquisition.dose_msv == {"CT": 7.0, "DX": pytest.approx(0.1)}
    assert found.acquisition.recall == Recall(0.5, 60.0, 86400.0, 2)
    assert found.acquisition.most == 9
    assert found.administration == Administration(
        Appointments(600.0, bot=True), Billing(wrong_by_hand=0.2), Consumables({"CT": 2}, 5)
    )
    assert found.counts_images
    plain = read_tree(Source("s", (tmp_path / "s.yaml").read_text(encoding="utf-8"))).plain()
    jsonschema.Draft202012Validator(json_schema()).validate(plain)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quality_gate: cnn", "the gate cnn judges images, and the scenario has none"),
        ("quality_gate: surrogate", "judges images, and the scenario has none"),
        ("images: {}", "no acquisition has a defect"),
        ("defects: {any: 9 %}\nimages: {source: moon}", "'moon' does not exist"),
        ("defects: {any: 9 %}\nimages: {source: test}", "fetch them with 'simgrid qa fetch-data'"),
        ("defects: {any: 9 %}\nimages: {folder: nowhere}", "nowhere is no folder"),
        ("defects: {any: 9 %}\nimages: {kinds: {dust: 1}}", "'dust' is no defect"),
        ("defects: {any: 9 %}\nimages: {kinds: {noise: 0}}", "every defect has weight 0"),
        ("defects: {any: 9 %}\nimages: {severity: {levels: [0.5, 0.5]}}", "a level stands twice"),
        ("defects: {any: 9 %}\nimages: {severity: {levels: [0.5], shares: [50 %]}}", "add up to 50 %"),
        (
            "defects: {any: 9 %}\nimages: {severity: {levels: [0.5], shares: [50 %, 50 %]}}",
            "2 shares for 1 levels",
        ),
        ("defects: {any: 9 %}\nimages: {severity: {levels: [1.5]}}", "1.5"),
        ("acquisition: {dose: {XR: 1 mSv}}", "'XR' is no modality"),
        ("acquisition: {dose: {CT: 1}}", "write the unit, such as '1 mSv'"),
        ("acquisition: {recall: {}}\ngrid: {viewer: {}}", "leave its old images behind in grid.viewer"),
        ("acquisition: {recall: {}}\nsites: {clinic: {cache: {size: 1 GB}}}", "the caches of sites"),
        ("administration: {consumables: {use: {XR: 1}}}", "'XR' is no modality"),
        ("administration: {consumables: {}}", "use: is missing"),
    ],
)
def test_what_cannot_be_is_refused(text: str, message: str, tmp_path: Path) -> None:
    assert message in refused(tmp_path, text)


def test_a_key_that_is_not_used_changes_no_key_of_a_run(tmp_path: Path) -> None:
    plain = cell_digest(cell(tmp_path, ""))
    for text in ("acquisition: {dose: {}}", "acquisition: {scan: 0 s}"):
        assert cell_digest(cell(tmp_path, text)) == plain
    for text in (
        "acquisition: {recall: {}}",
        "acquisition: {dose: {CT: 7 mSv}}",
        "administration: {billing: {}}",
    ):
        assert cell_digest(cell(tmp_path, text)) != plain


def test_images_and_what_a_gate_reads_are_in_the_keys(tmp_path: Path, folder: str) -> None:  # noqa: F811
    text = f"defects: {{CT: 30 %}}\nimages: {{folder: '{folder}'}}\nquality_gate: rules"
    (first,) = campaign((cell(tmp_path, text),)).cells
    for name in ("images folder", "gate rules"):
        other = replace(first, inputs={**first.inputs, name: "0" * 64})
        assert first.inputs[name] != "0" * 64 and cell_digest(other) != cell_digest(first)


def test_draws_for_further_acquisitions_leave_the_first_ones_alone(tmp_path: Path) -> None:
    plain = cell(tmp_path, "defects: {any: 40 %}\ndemand: {count: 300}")
    before = workloads.draw(plain, 0)
    recall = replace(plain, acquisition=replace(plain.acquisition, recall=Recall(most=2)))
    after = workloads.draw(recall, 0)
    assert after.defect.shape == (300, 9) and after.luck.shape[1] == before.luck.shape[1] + 6
    assert np.array_equal(after.defect[:, :3], before.defect)
    assert np.array_equal(after.luck[:, : before.luck.shape[1]], before.luck)
    assert after.defect[:, 3:].mean() == pytest.approx(0.4, abs=0.05)
    assert after.chances is not None and after.chances.noticed.shape == (300, 2)
    assert pictured(plain, before, 0) is before


def test_gates_and_policies_see_the_same_images(tmp_path: Path, folder: str) -> None:  # noqa: F811
    text = f"defects: {{CT: 50 %}}\nimages: {{folder: '{folder}'}}\ndemand: {{count: 100}}"
    one = cell(tmp_path, text)
    first, second = (workloads.draw(replace(one, gate=GateChoice(name)), 0) for name in ("none", "rules"))
    assert first.pictures is not None and second.pictures is not None
    for name in ("image", "defect", "severity", "look"):
        assert np.array_equal(getattr(first.pictures, name), getattr(second.pictures, name))
    assert np.array_equal(first.defect, second.defect)


@pytest.mark.parametrize("gate", ["none", "technologist", "rules"])
def test_a_run_with_images_breaks_no_law(gate: str, tmp_path: Path, folder: str) -> None:  # noqa: F811
    text = f"""
demand: {{count: 60}}
defects: {{CT: 60 %, DX: 60 %}}
images: {{folder: '{folder}'}}
acquisition: {{scan: 5 min, repeat: 4 min, dose: {{CT: 7 mSv}}, recall: {{delay: 2 h}}}}
administration: {{appointments: {{}}, billing: {{}}, consumables: {{use: {{CT: 1}}, initial: 9, lead: 1 h}}}}
quality_gate: {gate}
"""
    one = cell(tmp_path, text)
    journal = run_journal(one, one.policies[0], 0)  # audits the journal
    assert journal.quality is not None
    assert journal.quality.acquisitions.sum() >= 60
    seen = setting_of(one, 0).inspections.pictures
    assert seen is not None
    modality = np.array(journal.inspections.modality)
    assert (seen.image[modality == "CT"] >= 0).all() and (seen.image[modality == "DX"] == -1).all()
    # The rules refer what they have no image of; nobody else refers anything.
    referred = journal.quality.referred
    assert (referred[modality == "DX"] > 0).all() if gate == "rules" else not referred.any()


def test_a_gate_that_cannot_be_made_is_an_error_of_the_scenario(tmp_path: Path) -> None:
    text = "defects: {any: 9 %}\nimages: {}\nquality_gate: {name: surrogate, options: {table: no.csv}}"
    assert "the table no.csv cannot be read" in refused(tmp_path, text)
    assert issubclass(UnknownGate, ValueError)
