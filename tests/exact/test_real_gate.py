"""The simulation with the network's gate calls the real model on real pixels, once a different image."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from joblib.externals.loky import get_reusable_executor

from simgrid.cli.main import cli
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import GateChoice, Scenario
from simgrid.experiments import workloads
from simgrid.experiments.assemble import run_journal
from simgrid.experiments.installed import installed
from simgrid.quality import stored, verdicts
from simgrid.quality.classifier import classifier
from simgrid.quality.classifier.classifier import Classifier
from simgrid.quality.image import Image
from simgrid.quality.pool import pool
from simgrid.scenario import load
from tests.unit.test_planting import folder  # noqa: F401 - a fixture

TEXT = """
extends: tiny/one-unit.yaml
demand: {{count: 40, mix: {{modalities: {{CT: 100 %, DX: 0 %}}}}}}
defects: {{CT: 60 %}}
images: {{folder: '{folder}', severity: {{levels: [0.4, 1.0]}}, looks: 1}}
acquisition: {{recall: {{delay: 2 h}}}}
quality_gate: cnn
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SIMGRID_DATA", str(tmp_path / "cache"))
    _forget()
    yield
    _forget()


def _forget() -> None:
    """As a process that has just begun; what is on disk stays."""
    for one in (verdicts.shared, verdicts.shared_damages, stored.code_digest, Classifier.shipped):
        one.cache_clear()  # type: ignore[attr-defined]


@pytest.fixture
def one(tmp_path: Path, folder: str) -> Scenario:  # noqa: F811
    file = tmp_path / "s.yaml"
    file.write_text(TEXT.format(folder=folder), encoding="utf-8")
    (cell,) = load(file, (), installed()).cells
    return cell


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Image]:
    """Every image that the real classifier is given."""
    given: list[Image] = []
    real = Classifier.judge

    def counted(self: Classifier, images: Sequence[Image]) -> Any:
        given.extend(images)
        return real(self, images)

    monkeypatch.setattr(Classifier, "judge", counted)
    return given


def run(one: Scenario, replication: int = 0) -> Journal:
    return run_journal(one, one.policies[1], replication)


def told(journal: Journal) -> tuple[str, list[int], list[int]]:
    assert journal.quality is not None
    return journal.fingerprint, journal.inspections.repeats.tolist(), journal.quality.missed.tolist()


def test_the_real_model_is_called_once_for_each_different_image(
    one: Scenario,
    judged: list[Image],
    folder: str,  # noqa: F811
) -> None:
    first = run(one)
    pictures = workloads.draw(one, 0).pictures
    assert first.quality is not None and pictures is not None
    taken = [(row, k) for row, many in enumerate(first.quality.acquisitions.tolist()) for k in range(many)]
    different = {pictures.of(row, acquisition) for row, acquisition in taken}
    assert len(taken) > 40 and len(judged) == len(different) < len(taken)
    clean = pool("pydicom", folder).named("CT_small.dcm#0").image
    assert {image.pixels.shape for image in judged} == {clean.pixels.shape}
    assert len({image.pixels.tobytes() for image in judged}) == len(different)  # real pixels, each its own
    asked = len(judged)
    assert told(run(one)) == told(first) and len(judged) == asked  # from memory
    _forget()
    assert told(run(one)) == told(first) and len(judged) == asked  # from the disk


def test_policies_and_worlds_share_the_verdicts(one: Scenario, judged: list[Image]) -> None:
    for replication in range(3):
        for policy in one.policies:
            run_journal(one, policy, replication)
    assert len({image.pixels.tobytes() for image in judged}) == len(judged)


def test_other_weights_are_other_verdicts_and_other_repeats(
    one: Scenario, judged: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every calibration curve turned round: what was likely is unlikely, and the run is another."""
    before = told(run(one))
    asked = len(judged)
    folder_of = files("simgrid.quality") / "weights"
    network = (folder_of / classifier.NETWORK).read_bytes()
    with np.load(io.BytesIO((folder_of / classifier.TREES).read_bytes()), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["curves"] = -arrays["curves"]
    changed = io.BytesIO()
    np.savez(changed, **arrays)
    _forget()
    other = classifier.load(network, changed.getvalue())
    monkeypatch.setattr(Classifier, "shipped", staticmethod(lambda: other))
    real = verdicts.judge_digest
    monkeypatch.setattr(
        verdicts, "judge_digest", lambda looking: real(looking)[::-1]
    )  # as the file's would be
    verdicts.shared.cache_clear()
    after = told(run(one))
    assert len(judged) > asked
    assert after[1] != before[1] and after[0] != before[0]
    monkeypatch.undo()


def test_the_weights_files_are_in_the_digest_of_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path(str(files("simgrid.quality")))
    room = tmp_path / "quality"
    (room / "weights").mkdir(parents=True)
    for file in (here / "weights").iterdir():
        (room / "weights" / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(stored.simgrid.quality, "__file__", str(room / "__init__.py"))
    digests = [stored.code_digest("weights")]
    for name in (classifier.NETWORK, classifier.TREES):
        content = bytearray((room / "weights" / name).read_bytes())
        content[len(content) // 2] ^= 1
        (room / "weights" / name).write_bytes(content)
        stored.code_digest.cache_clear()
        digests.append(stored.code_digest("weights"))
    assert len(set(digests)) == 3


def test_the_gate_changes_what_happens_and_the_world_does_not(one: Scenario) -> None:
    blind = run(replace(one, gate=GateChoice("none")))
    seeing = run(one)
    assert blind.quality is not None and seeing.quality is not None
    assert blind.inspections.repeats.sum() == 0 < seeing.inspections.repeats.sum()
    assert seeing.quality.missed.sum() < blind.quality.missed.sum()
    assert np.array_equal(blind.inspections.requested_s, seeing.inspections.requested_s)


def test_the_same_bytes_whatever_the_number_of_workers(
    tmp_path: Path,
    folder: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = TEXT.format(folder=folder).replace("quality_gate: cnn", "quality_gate: rules+cnn")
    (tmp_path / "s.yaml").write_text(f"{text}policies: [rbsm, manual]\n", encoding="utf-8")
    written = []
    for jobs in ("1", "2"):
        monkeypatch.setenv("SIMGRID_DATA", str(tmp_path / f"cache-{jobs}"))
        _forget()
        get_reusable_executor().shutdown()  # workers kept from before would look where they looked then
        out = tmp_path / f"out-{jobs}"
        done = CliRunner().invoke(cli, ["run", str(tmp_path / "s.yaml"), "-j", jobs, "-o", str(out)])
        assert done.exit_code == 0, done.output
        written.append({file.relative_to(out): file.read_bytes() for file in sorted(out.rglob("*.csv"))})
    assert len(written[0]) >= 3 and written[0] == written[1]
    kept = [{file.name for file in (tmp_path / f"cache-{jobs}").rglob("*.json")} for jobs in "12"]
    assert kept[0] == kept[1] and len(kept[0]) > 10
