"""Slices and projections of volumes in every format, made small for the purpose, in a cache of their own."""

import io
import json
import plistlib
import tarfile
from pathlib import Path

import nibabel
import nrrd
import numpy as np
import pydicom.data
import pytest

from simgrid.quality.sources import projections
from simgrid.quality.sources.catalogue import choose, sources
from simgrid.quality.sources.images import NotFetched, load, volume

SHAPE = (40, 30, 20)  # right, front, head


def head(spacing=2.0):
    """A body whose right, front and upper parts differ, and the affine that says so."""
    voxels = np.full(SHAPE, -1000.0)
    voxels[8:32, 6:24, 2:18] = 40
    voxels[26:30, 12:18, 2:18] = 800  # bone on the right
    voxels[8:32, 20:24, 2:18] = 300  # and in front
    voxels[8:32, 6:24, 16:18] = 500
    return voxels.astype(np.int16), np.diag([spacing, spacing, spacing, 1.0])


def place(cache, name, write):
    """The package of a source with the one file it uses."""
    source = choose(name)[0]
    folder = cache / f"{source.package.name}-{source.package.version}"
    path = folder / source.image
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    for labels in source.labels:
        marked = np.zeros(SHAPE, dtype=np.uint8)
        marked[26:30, 12:18, 2:18] = 1
        target = folder / labels
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".nrrd":
            nrrd.write(str(target), marked, directions(head()[1]))
        else:
            nibabel.save(nibabel.Nifti1Image(marked, head()[1]), target)
    (folder / "manifest.json").write_text(json.dumps({"files": {}}))
    return source


def directions(affine):
    """NRRD's header for an affine; its space has left and back positive."""
    turned = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    return {
        "space": "left-posterior-superior",
        "space directions": turned[:3, :3].T,
        "space origin": turned[:3, 3],
    }


def as_nifti(path):
    voxels, affine = head()
    turned = voxels[::-1, ::-1]  # stored left, back: the affine tells
    flipped = affine @ np.array(
        [[-1, 0, 0, SHAPE[0] - 1], [0, -1, 0, SHAPE[1] - 1], [0, 0, 1, 0], [0, 0, 0, 1.0]]
    )
    nibabel.save(nibabel.Nifti1Image(turned, flipped), path)


def as_nrrd(path):
    voxels, affine = head()
    nrrd.write(str(path), voxels, directions(affine))


def as_invesalius(path):
    voxels, _ = head()
    matrix = np.ascontiguousarray(voxels[::-1].transpose(2, 1, 0)).astype("<i2")
    about = {"matrix": {"shape": list(matrix.shape)}, "spacing": [2.0, 2.0, 2.0]}
    with tarfile.open(path, "w:gz") as tar:
        for name, content in (("main.plist", plistlib.dumps(about)), ("matrix.dat", matrix.tobytes())):
            info = tarfile.TarInfo(f"tmp/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


FORMATS = {
    "totalsegmentator-ct-torso": as_nifti,
    "pyradiomics-lung1": as_nrrd,
    "invesalius-cranium": as_invesalius,
}


@pytest.mark.parametrize("name, write", FORMATS.items(), ids=FORMATS)
def test_every_format_lies_the_same_way(tmp_path, name, write):
    read = volume(place(tmp_path, name, write), tmp_path)
    np.testing.assert_array_equal(read.voxels, head()[0])
    assert read.spacing_mm == (2.0, 2.0, 2.0)


@pytest.mark.parametrize("name, write", FORMATS.items(), ids=FORMATS)
def test_axial_slices_are_shown_with_the_right_on_the_left_and_the_front_on_top(tmp_path, name, write):
    place(tmp_path, name, write)
    made = list(load(name, tmp_path))
    assert {one.source for one in made} == {name}
    assert [one.name for one in made] == [f"axial {index}" for index in range(2, 18)]  # air above and below
    middle = made[8].image
    assert middle.pixels.shape == (SHAPE[1], SHAPE[0])
    rows, columns = np.nonzero(middle.pixels == 800)
    assert columns.max() < SHAPE[0] // 2
    rows, _ = np.nonzero(middle.pixels == 300)
    assert rows.max() < SHAPE[1] // 2
    assert middle.spacing_mm == (2.0, 2.0)
    assert middle.modality == "CT"


def test_labels_lie_on_what_they_name(tmp_path):
    place(tmp_path, "pyradiomics-lung1", as_nrrd)
    for one in load("pyradiomics-lung1", tmp_path):
        np.testing.assert_array_equal(one.labels > 0, np.isin(one.image.pixels, [800]) | (one.labels > 0))
        assert (one.labels[one.image.pixels == 800] == 1).all()


def test_a_head_is_cut_in_three_planes(tmp_path):
    def write(path):
        voxels, affine = head(1.0)
        nibabel.save(nibabel.Nifti1Image((voxels + 1000).astype(np.int16), affine), path)

    place(tmp_path, "mricron-colin27", write)
    made = list(load("mricron-colin27", tmp_path))
    assert {one.name.split()[0] for one in made} == {"axial", "coronal", "sagittal"}
    coronal = next(one for one in made if one.name.startswith("coronal"))
    assert coronal.image.pixels.shape == (SHAPE[2], SHAPE[0])


def test_a_bone_on_the_right_is_bright_on_the_left_of_its_projection(tmp_path):
    place(tmp_path, "totalsegmentator-ct-torso", as_nifti)
    read = volume(choose("totalsegmentator-ct-torso")[0], tmp_path)
    front = projections.line_integrals(read, 0)
    assert front.shape == (SHAPE[2], SHAPE[0])
    assert front[10].argmax() < SHAPE[0] // 2
    water = 18 * 2 * projections.WATER_PER_MM  # 18 voxels of 2 mm, some of them denser
    assert front[10, 20] > water


def test_projections_keep_the_patients_name_and_thin_stacks_make_none(tmp_path, monkeypatch):
    place(tmp_path, "invesalius-cranium", as_invesalius)
    assert list(projections.projections("invesalius-cranium", tmp_path)) == []  # 40 mm
    monkeypatch.setattr(projections, "_HEIGHT_MM_AT_LEAST", 10.0)
    made = list(projections.projections("test", tmp_path))
    assert len(made) == len(projections.ANGLES) * len(projections.FIELDS)
    assert len({one.name for one in made}) == len(made)
    assert {(one.source, one.image.modality) for one in made} == {("invesalius-cranium", "DX")}
    for one in made:
        low, high = one.image.limits
        assert low <= one.image.pixels.min() <= one.image.pixels.max() <= high


def test_dicom_sources_come_through_the_same_door(tmp_path):
    real = Path(pydicom.data.__file__).parent / "test_files" / "MR_small.dcm"
    place(tmp_path, "pydicom-mr-small", lambda path: path.write_bytes(real.read_bytes()))
    (one,) = load("pydicom-mr-small", tmp_path)
    assert one.image.pixels.shape == (64, 64)
    assert one.image.limits is not None


def test_what_was_not_fetched_is_told(tmp_path):
    with pytest.raises(NotFetched, match="simgrid qa fetch-data"):
        next(load("train", tmp_path))
    with pytest.raises(NotFetched, match="simgrid qa fetch-data"):
        next(projections.projections("test", tmp_path))


def test_no_source_shares_its_images_with_another_role():
    """The notes name every file that shows a source's image again; none of them is another role's."""
    for one in sources():
        for other in sources():
            assert one.role == other.role or Path(one.image).name not in other.note
