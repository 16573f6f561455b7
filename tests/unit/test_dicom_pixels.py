"""Pixels in their units, whatever the encoding; and files that no decoder should see."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from simgrid.dicom.apart import Reader
from simgrid.dicom.codestream import declared
from simgrid.dicom.pixels import read_images
from tests.unit.dicom_samples import dataset, write

REAL = Path(pydicom.data.__file__).parent / "test_files"


def image(stored, **elements):
    """A CT holding ``stored`` (rows, columns), or (frames, rows, columns), or with three samples."""
    samples = 3 if stored.shape[-1] == 3 else 1
    shape = stored.shape[:-1] if samples == 3 else stored.shape
    bits = 8 * stored.dtype.itemsize
    about = {
        "Rows": shape[-2],
        "Columns": shape[-1],
        "NumberOfFrames": shape[0] if len(shape) == 3 else None,
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": "RGB" if samples == 3 else "MONOCHROME2",
        "PlanarConfiguration": 0 if samples == 3 else None,
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
    }
    made = dataset(**(about | elements))
    made.PixelData = stored.tobytes()
    return made


def plane(made, tmp_path):
    read = read_images(write(made, tmp_path / "one.dcm"))
    assert read.status == "judged", (read.reason, read.findings)
    return read.planes[0]


RAMP = np.arange(-60, 60, dtype="<i2").reshape(10, 12)


def test_rescale_gives_hounsfield_units_and_their_limits(tmp_path):
    made = image(RAMP, BitsStored=12, HighBit=11, RescaleSlope=2, RescaleIntercept=-100)
    found = plane(made, tmp_path)
    np.testing.assert_array_equal(found.pixels, RAMP * 2.0 - 100)
    assert found.limits == (-2048 * 2 - 100, 2047 * 2 - 100)
    assert found.pixels.dtype == np.float32


def test_signed_values_in_12_of_16_bits_ignore_what_lies_above_them(tmp_path):
    stored = (RAMP.view("<u2") & 0x0FFF).astype("<u2")
    made = image(stored, BitsStored=12, HighBit=11, PixelRepresentation=1)
    np.testing.assert_array_equal(plane(made, tmp_path).pixels, RAMP)


def test_monochrome1_is_turned_over_within_its_bits(tmp_path):
    stored = np.arange(120, dtype="<u2").reshape(10, 12)
    made = image(stored, Modality="CR", PhotometricInterpretation="MONOCHROME1", BitsStored=10, HighBit=9)
    np.testing.assert_array_equal(plane(made, tmp_path).pixels, 1023.0 - stored)


def test_monochrome1_of_hounsfield_units_is_turned_over_within_what_was_imaged(tmp_path):
    stored = np.arange(-2000, -2000 + 15 * 120, 15, dtype="<i2").reshape(10, 12)
    made = image(stored, PhotometricInterpretation="MONOCHROME1", PixelRepresentation=1)
    made.RescaleSlope, made.RescaleIntercept = "1", "0"
    found = plane(made, tmp_path).pixels
    imaged = np.maximum(stored, -1024)
    np.testing.assert_array_equal(found, imaged.min() + imaged.max() - imaged)
    assert plane(made, tmp_path).turning_ends == (imaged.min(), imaged.max()), "as it was turned about"


@pytest.mark.parametrize("dtype", ["<u1", "<u2", "<u4", "<i4"])
def test_every_depth_is_read(tmp_path, dtype):
    stored = np.arange(120, dtype=dtype).reshape(10, 12)
    np.testing.assert_array_equal(plane(image(stored, Modality="MR"), tmp_path).pixels, stored)


def test_single_bits_run_on_over_frames(tmp_path):
    bits = np.random.default_rng(3).integers(0, 2, (3, 5, 7), dtype="u1")
    made = image(bits, BitsAllocated=1, BitsStored=1, HighBit=0, Modality="SEG")
    packed = np.packbits(bits.ravel(), bitorder="little")
    made.PixelData = packed.tobytes() + b"\0" * (len(packed) % 2)
    read = read_images(write(made, tmp_path / "one.dcm"))
    np.testing.assert_array_equal([one.pixels for one in read.planes], bits)


def test_float_pixels_without_numbers_are_filled_and_told(tmp_path):
    values = np.linspace(-1, 1, 120, dtype="<f4").reshape(10, 12)
    values[2, 3] = np.nan
    values[4, 5] = np.inf
    made = image(np.zeros((10, 12), "<u4"), Modality="MR")
    del made.PixelData, made.BitsStored, made.HighBit, made.PixelRepresentation
    made.FloatPixelData = values.tobytes()
    read = read_images(write(made, tmp_path / "one.dcm"))
    assert np.isfinite(read.planes[0].pixels).all()
    assert read.planes[0].pixels[2, 3] == -1
    assert read.planes[0].limits is None
    (told,) = [one for one in read.findings if one.rule == "pixels-not-finite"]
    assert told.message.startswith("2 pixels")


def test_padding_takes_the_lowest_value_that_was_imaged(tmp_path):
    stored = RAMP.copy()
    stored[0] = -2000
    made = image(stored, PixelPaddingValue=None, Modality="MR")
    made.add_new(0x00280120, "SS", -2000)
    assert plane(made, tmp_path).pixels.min() == RAMP[1:].min()


def test_padding_of_an_inverted_image_is_dark(tmp_path):
    stored = np.full((10, 12), 500, dtype="<u2")
    stored[5:] = 300
    stored[0] = 0
    made = image(stored, Modality="DX", PhotometricInterpretation="MONOCHROME1", BitsStored=10, HighBit=9)
    made.add_new(0x00280120, "US", 0)
    found = plane(made, tmp_path).pixels
    assert found[0, 0] == found.min() == 1023 - 500


def test_colours_become_luminance(tmp_path):
    stored = np.zeros((4, 6, 3), dtype="u1")
    stored[..., 1] = 200
    found = plane(image(stored, Modality="US"), tmp_path)
    np.testing.assert_allclose(found.pixels, 0.587 * 200, rtol=1e-6)
    assert found.limits == (0, 255)


def test_planes_of_colours_may_come_one_after_the_other(tmp_path):
    stored = np.random.default_rng(5).integers(0, 255, (4, 6, 3), dtype="u1")
    together = plane(image(stored, Modality="US"), tmp_path).pixels
    apart = image(stored, Modality="US", PlanarConfiguration=1)
    apart.PixelData = stored.transpose(2, 0, 1).tobytes()
    np.testing.assert_array_equal(plane(apart, tmp_path).pixels, together)


SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_encoding_changes_no_value(tmp_path, syntax):
    made = image(RAMP, Modality="MR")
    made.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        made.PixelData = RAMP.astype(">i2").tobytes()
    path = tmp_path / "one.dcm"
    pydicom.dcmwrite(
        path,
        made,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
        enforce_file_format=True,
    )
    np.testing.assert_array_equal(read_images(path).planes[0].pixels, RAMP)


@pytest.mark.parametrize("name", ["MR_small_RLE", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless"])
def test_lossless_compression_changes_no_value(name):
    plain = read_images(REAL / "MR_small.dcm").planes[0]
    np.testing.assert_array_equal(read_images(REAL / f"{name}.dcm").planes[0].pixels, plain.pixels)


def test_frames_of_an_enhanced_image_have_their_own_rescale_and_spacing(tmp_path):
    made = image(np.stack([RAMP, RAMP]), Modality="MR")
    groups = []
    for slope in (2.0, 5.0):
        group, rescale, measures = Dataset(), Dataset(), Dataset()
        rescale.RescaleSlope, rescale.RescaleIntercept = slope, 1.0
        measures.PixelSpacing = [slope / 10, 0.5]
        group.PixelValueTransformationSequence = Sequence([rescale])
        group.PixelMeasuresSequence = Sequence([measures])
        groups.append(group)
    made.PerFrameFunctionalGroupsSequence = Sequence(groups)
    read = read_images(write(made, tmp_path / "one.dcm"))
    for found, slope in zip(read.planes, (2.0, 5.0), strict=True):
        np.testing.assert_array_equal(found.pixels, RAMP * slope + 1)
        assert found.spacing_mm == (slope / 10, 0.5)


def test_a_modality_table_is_applied(tmp_path):
    stored = np.arange(120, dtype="<u2").reshape(10, 12)
    made = image(stored, Modality="CR")
    table = Dataset()
    table.LUTDescriptor = [120, 0, 16]
    table.ModalityLUTType = "US"
    table.add_new(0x00283006, "US", [3 * one for one in range(120)])
    made.ModalityLUTSequence = Sequence([table])
    np.testing.assert_array_equal(plane(made, tmp_path).pixels, 3.0 * stored)


def test_a_table_that_cannot_be_applied_is_told(tmp_path):
    made = image(np.arange(120, dtype="<u2").reshape(10, 12), Modality="CR")
    table = Dataset()
    table.LUTDescriptor = [120, 0, 99]
    made.ModalityLUTSequence = Sequence([table])
    read = read_images(write(made, tmp_path / "one.dcm"))
    assert "modality-lut-unusable" in {one.rule for one in read.findings}
    assert read.planes[0].pixels.max() == 119


def test_of_a_long_film_frames_at_equal_distances_are_judged(tmp_path):
    made = image(np.zeros((20, 8, 8), dtype="<u2"), Modality="XA")
    read = read_images(write(made, tmp_path / "one.dcm"), pixels_at_most=64 * 5)
    assert [one.frame for one in read.planes] == [0, 4, 8, 12, 16]
    assert "frames-sampled" in {one.rule for one in read.findings}


HOSTILE = {
    "sizes beyond the bytes": ({"Rows": 60000, "Columns": 60000}, "size-absurd"),
    "more pixels than bytes": ({"Rows": 4000, "Columns": 4000}, "pixel-data-truncated"),
    "a million frames": ({"NumberOfFrames": 900_000}, "pixel-data-truncated"),
    "two thousand million frames": ({"NumberOfFrames": 2_000_000_000}, "size-absurd"),
    "no rows": ({"Rows": 0}, "size-missing"),
    "more bits stored than allocated": ({"BitsStored": 40}, "bits-stored-impossible"),
    "seven bits allocated": ({"BitsAllocated": 7}, "bits-allocated-unreadable"),
    "two samples": ({"SamplesPerPixel": 2}, "samples-unreadable"),
}


@pytest.mark.parametrize("elements, rule", HOSTILE.values(), ids=HOSTILE)
def test_an_impossible_header_is_a_located_finding(tmp_path, elements, rule):
    made = image(RAMP)
    for name, value in elements.items():
        setattr(made, name, value)
    read = read_images(write(made, tmp_path / "one.dcm"))
    assert read.status == "listed"
    assert not read.planes
    (told,) = [one for one in read.findings if one.rule == rule]
    assert told.severity == "error"
    assert told.tag
    assert told.place


def j2k(rows, columns, tile=64):
    size = struct.pack(">HH8LH", 41, 0, columns, rows, 0, 0, tile, tile, 0, 0, 1)
    return b"\xff\x4f\xff\x51" + size + b"\x0f\x01\x01" + bytes(40)


def test_a_codestream_of_another_size_never_meets_a_decoder(tmp_path):
    large, without_tiles = j2k(50_000, 50_000, 50_000), j2k(8, 16, 0)
    for stream, rule in ((large, "codestream-size"), (without_tiles, "codestream-absurd")):
        made = image(RAMP, Rows=8, Columns=16)
        made.file_meta.TransferSyntaxUID = JPEG2000Lossless
        made.PixelData = encapsulate([stream])
        read = read_images(write(made, tmp_path / "one.dcm"))
        assert rule in {one.rule for one in read.findings}


def test_missing_fragments_are_told(tmp_path):
    made = image(np.zeros((4, 8, 16), dtype="<u2"), Modality="MR")
    made.file_meta.TransferSyntaxUID = RLELossless
    made.PixelData = encapsulate([bytes(64)] * 2)
    read = read_images(write(made, tmp_path / "one.dcm"))
    assert {"fragments-missing"} <= {one.rule for one in read.findings}


def test_streams_without_a_size_declare_nothing():
    assert declared(b"") is None
    assert declared(b"\xff\xd8" + b"\xff" * 40) is None
    assert declared(b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00").rows == 5


def test_what_is_no_file_is_listed(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_text("hello")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    reasons = {name: read_images(tmp_path / name) for name in ("pipe", "empty", "text", "link", ".")}
    assert {one.status for one in reasons.values()} == {"listed"}
    assert reasons["pipe"].reason == reasons["."].reason == "not a regular file"
    assert reasons["empty"].reason == "empty file"
    assert reasons["text"].reason == "not DICOM"


def test_sequences_in_sequences_without_end_are_survived(tmp_path):
    made = write(image(RAMP), tmp_path / "one.dcm").read_bytes()
    start = made.index(b"\x08\x00\x16\x00")
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    nested = struct.pack("<HH2sHL", 0x0008, 0x0006, b"SQ", 0, 0xFFFFFFFF) + item
    path = tmp_path / "deep.dcm"
    path.write_bytes(made[:start] + nested * 20_000 + made[start:])
    read = read_images(path)
    assert read.status == "listed"


def test_a_deflate_bomb_is_refused_unopened(tmp_path, monkeypatch):
    monkeypatch.setattr("simgrid.dicom.opening.INFLATED_AT_MOST", 1 << 20)
    made = image(RAMP)
    made.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    content = write(made, tmp_path / "one.dcm").read_bytes()
    start = content.index(b"1.2.840.10008.1.2.1.99")
    meta_end = 144 + struct.unpack_from("<L", content, 140)[0]
    assert start < meta_end
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    path = tmp_path / "bomb.dcm"
    path.write_bytes(content[:meta_end] + bomb.compress(bytes(1 << 24)) + bomb.flush())
    assert read_images(path).reason == "too large"


def test_a_bare_file_is_read_and_told(tmp_path):
    whole = (REAL / "MR_small.dcm").read_bytes()
    meta_end = 144 + struct.unpack_from("<L", whole, 140)[0]
    (tmp_path / "bare").write_bytes(whole[meta_end:])
    read = read_images(tmp_path / "bare")
    assert read.status == "judged"
    assert "no-preamble" in {one.rule for one in read.findings}
    np.testing.assert_array_equal(read.planes[0].pixels, read_images(REAL / "MR_small.dcm").planes[0].pixels)


def test_another_process_reads_the_same():
    paths = [REAL / name for name in ("CT_small.dcm", "MR_truncated.dcm", "emri_small.dcm", "README.txt")]
    reader = Reader()
    try:
        for path, apart in zip(paths, reader.read_each(paths), strict=True):
            here = read_images(path)
            assert (apart.status, apart.reason, apart.detail) == (here.status, here.reason, here.detail)
            assert (apart.header, apart.findings) == (here.header, here.findings)
            for one, other in zip(apart.planes, here.planes, strict=True):
                np.testing.assert_array_equal(one.pixels, other.pixels)
                assert (one.spacing_mm, one.limits) == (other.spacing_mm, other.limits)
    finally:
        reader.close()


def test_a_file_that_kills_the_child_is_listed_and_the_next_one_read(monkeypatch):
    reader = Reader()
    try:
        reader.read(REAL / "CT_small.dcm")
        reader._child._process.kill()
        died = reader.read(REAL / "CT_small.dcm")
        assert (died.status, died.reason) == ("listed", "decoder died")
        assert "SIGKILL" in died.detail
        assert died.findings[0].severity == "error"
        assert reader.read(REAL / "CT_small.dcm").status == "judged"
    finally:
        reader.close()


def test_a_file_that_never_ends_is_given_up(tmp_path):
    reader = Reader(seconds_at_most=0.0)
    try:
        given_up = reader.read(REAL / "CT_small.dcm")
        assert given_up.status == "listed"
        assert "did not end" in given_up.detail
    finally:
        reader.close()
