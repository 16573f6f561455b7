"""Which images inspections have and what is planted in them: drawn once, for all policies and gates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgrid.dicom.read import shipped_folders
from simgrid.domain.decision import ImageReference
from simgrid.domain.imaging import ImagePool, PlantedImage
from simgrid.quality import verdicts
from simgrid.quality.defect_names import possible
from simgrid.quality.defects import damage
from simgrid.quality.planting import plant
from simgrid.quality.pool import MOST_OF_A_SOURCE, Pool, PoolError, few, pool
from simgrid.quality.seeing import pixels, seen
from simgrid.quality.stored import Stored
from simgrid.quality.verdicts import Damages, Judged, Verdicts, shared_damages

RULES = ImagePool(levels=(0.3, 0.9), shares=(0.75, 0.25), looks=3)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SIMGRID_DATA", str(tmp_path / "cache"))
    shared_damages.cache_clear()
    yield
    shared_damages.cache_clear()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small CT and a small MR of pydicom's: sinograms of them are quick."""
    place = tmp_path_factory.mktemp("images")
    for name in ("CT_small.dcm", "MR_small.dcm"):
        (found,) = [file for one in shipped_folders() for file in one.rglob(name)]
        (place / name).write_bytes(found.read_bytes())
    return str(place)


@pytest.fixture
def images(folder: str) -> Pool:
    return pool("pydicom", folder)


@pytest.fixture
def rules(folder: str) -> ImagePool:
    return replace(RULES, folder=folder)


@pytest.fixture
def planted(folder: str) -> PlantedImage:
    return PlantedImage("pydicom", folder, "CT_small.dcm#0", "noise", 0.9)


def clean_one(planted: PlantedImage) -> PlantedImage:
    return replace(planted, defect=None, severity=0.0)


def test_the_shipped_pool_has_real_ct_and_mr_each_picture_once() -> None:
    images = pool()
    names = [one.name for one in images.images]
    assert "CT_small.dcm#0" in names and "MR_small.dcm#0" in names
    assert not [name for name in names if name.startswith("MR_small_")]  # the same picture in other encodings
    assert len({one.digest for one in images.images}) == len(names)
    assert {one.image.modality for one in images.images} == {"CT", "MR"}
    assert pool() is images


def test_a_volume_does_not_outweigh_the_others() -> None:
    assert few(list(range(100))) == [14, 28, 42, 57, 71, 85]
    assert few(list(range(MOST_OF_A_SOURCE))) == list(range(MOST_OF_A_SOURCE))


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("no image")
    with pytest.raises(PoolError, match="no CT, MR or radiograph of 64 rows and columns or more in"):
        pool("pydicom", str(tmp_path))


def test_a_source_that_was_not_fetched_is_named_with_the_way_out() -> None:
    with pytest.raises(PoolError, match="fetch them with 'simgrid qa fetch-data'"):
        pool("train")
    with pytest.raises(PoolError, match="does not exist"):
        pool("no-such-source")


def test_draws_are_those_of_the_inspection_and_as_declared(images: Pool, rules: ImagePool) -> None:
    rows = 4000
    modality = ["CT", "MR", "US"] * (rows // 3) + ["CT"]
    defect = np.random.default_rng(5).random((rows, 3)) < 0.5
    found, defective = plant(rules, images, modality, defect, 3, 1)
    again, _ = plant(rules, images, modality, defect, 3, 1)
    assert np.array_equal(found.image, again.image) and np.array_equal(found.look, again.look)
    other, _ = plant(rules, images, modality, defect, 3, 2)
    assert not np.array_equal(found.look, other.look)
    of = np.array(modality)
    assert (found.image[of == "US"] == -1).all()
    assert {images.images[k].image.modality for k in set(found.image[of == "MR"].tolist())} == {"MR"}
    assert (found.defect[~defect] == -1).all() and (found.severity[~defect] == 0).all()
    drawn = {found.defects[k] for k in set(found.defect[(of == "CT")[:, None] & defect].tolist())}
    assert drawn == set(possible("CT")) - {"metal", "inversion"}  # those that no repeat helps against
    share = (found.severity[defect] == 0.3).mean()
    assert share == pytest.approx(0.75, abs=0.03)
    assert set(found.look.ravel().tolist()) == {0, 1, 2}
    assert (defective & ~defect).sum() == 0
    assert np.array_equal(defective[of == "US"], defect[of == "US"])  # nothing there that could be measured


def test_what_is_defective_is_measured_in_the_pixels(images: Pool, rules: ImagePool) -> None:
    modality = ["CT"] * 60
    defect = np.ones((60, 1), dtype=np.bool_)
    found, defective = plant(rules, images, modality, defect, 1, 0)
    assert 0 < defective.sum() < 60
    for row in range(60):
        one = found.of(row, 0)
        assert one is not None
        spoiled = damage(images.named(one.name).image, pixels(one))
        assert bool(defective[row, 0]) == (spoiled >= rules.relevant)


def test_kinds_are_weighted(images: Pool, rules: ImagePool) -> None:
    weighted = replace(rules, weights={"ring": 1.0, "blur": 3.0, "bias": 5.0})  # no CT has a bias field
    defect = np.ones((400, 1), dtype=np.bool_)
    found, _ = plant(weighted, images, ["CT"] * 400, defect, 1, 0)
    kinds = [found.defects[k] for k in found.defect[:, 0]]
    assert set(kinds) == {"ring", "blur"}
    assert kinds.count("blur") / 400 == pytest.approx(0.75, abs=0.08)


def test_the_defect_is_in_the_pixels_and_the_same_in_every_process(
    images: Pool, planted: PlantedImage
) -> None:
    one = planted
    clean = images.named(one.name).image
    shown = seen(ImageReference(0, "CT", "Brain", 0, True, 0.5, one))
    assert shown is not None and not np.array_equal(shown.pixels, clean.pixels)
    pixels.cache_clear()
    assert np.array_equal(pixels(one).pixels, shown.pixels)
    assert pixels(clean_one(planted)) is clean
    assert seen(ImageReference(0, "US", "Breast", 0, True, 0.5)) is None


def test_damage_is_measured_once_and_kept(
    planted: PlantedImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    monkeypatch.setattr(verdicts, "damage", lambda *pair: calls.append(pair) or 0.25)
    one, first = planted, Damages(tmp_path / "kept")
    assert [first.of(one), first.of(one), Damages(tmp_path / "kept").of(one)] == [0.25] * 3
    assert len(calls) == 1
    assert first.of(clean_one(planted)) == 0.0 and len(calls) == 1


def test_verdicts_are_asked_for_once_and_kept(
    planted: PlantedImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "by_rules", lambda *_: ("repeat", ("noise",)))
    one, first = planted, Verdicts("rules", tmp_path / "kept")
    assert first.of(one) == first.of(one) == Judged("repeat", ("noise",))
    assert (first.asked, first.judged) == (2, 1)
    second = Verdicts("rules", tmp_path / "kept")
    assert second.of(one) == Judged("repeat", ("noise",)) and second.judged == 0
    assert second.of(clean_one(planted)).verdict == "repeat" and second.judged == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"verdict": "perhaps", "defects": []}', '{"verdict": "accept"}']
)
def test_what_is_no_verdict_is_judged_again(
    text: str, planted: PlantedImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "by_rules", lambda *_: ("accept", ()))
    one = planted
    Verdicts("rules", tmp_path).of(one)
    (file,) = tmp_path.rglob("*.json")
    assert json.loads(file.read_text()) == {"verdict": "accept", "defects": []}
    file.write_text(text)
    anew = Verdicts("rules", tmp_path)
    assert anew.of(one).verdict == "accept" and anew.judged == 1
    assert json.loads(file.read_text())["verdict"] == "accept"


def test_a_cache_that_cannot_be_written_costs_a_second_look(planted: PlantedImage, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    stored = Stored("verdicts", "0" * 64, tmp_path / "file")
    stored.put(planted, {"verdict": "accept"})
    assert stored.get(planted) is None


def test_the_graver_of_two_verdicts_counts(planted: PlantedImage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "by_rules", lambda *_: ("repeat", ("noise",)))
    monkeypatch.setattr(verdicts, "by_network", lambda _: ("abstain", ("blur", "noise")))
    assert verdicts.judge(planted, "rules+cnn") == Judged("repeat", ("noise", "blur"))
    assert verdicts.judge(planted, "cnn") == Judged("abstain", ("blur", "noise"))


def test_a_change_of_code_or_weights_is_another_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simgrid.quality import stored

    room = tmp_path / "quality"
    (room / "weights").mkdir(parents=True)
    (room / "image.py").write_text("a = 1\n")
    (room / "weights" / "net.onnx").write_bytes(b"1")
    monkeypatch.setattr(stored.simgrid.quality, "__file__", str(room / "__init__.py"))
    digests = []
    for change in (None, ("image.py", b"a = 2\n"), ("weights/net.onnx", b"2"), ("weights/card.md", b"words")):
        if change:
            (room / change[0]).write_bytes(change[1])
        stored.code_digest.cache_clear()
        digests.append(stored.code_digest("image", "weights"))
    stored.code_digest.cache_clear()
    assert len(set(digests)) == 3 and digests[2] == digests[3]  # a card's words are no weights
