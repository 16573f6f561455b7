"""JPEG of 12 bits, held against other decoders: Pillow where both can read, libjpeg where only it can."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

from simgrid.dicom.deidentify import deidentify_file
from simgrid.dicom.jpeg_extended import BadStream, decode
from simgrid.dicom.pixels import read_images
from tests.bots import SALT

REAL = [Path(str(get_testdata_file(name))) for name in ("JPEG-lossy.dcm", "JPGExtended.dcm")]
BANDS = (114704, 903663, 929904, 905578, 413630, 272509, 194251, 32768)
"""Of the same picture as imagecodecs 2026.10.10 with libjpeg-turbo 3 decodes it, the sum of each 128 rows."""


def stream(path: Path) -> bytes:
    return next(generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1))


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_a_real_file_of_12_bits_is_read_as_libjpeg_reads_it(path: Path) -> None:
    read = read_images(path)
    assert read.status == "judged"
    (plane,) = read.planes
    assert (plane.pixels.shape, plane.pixels.min(), plane.pixels.max()) == ((1024, 256), 0, 264)
    sums = plane.pixels.reshape(8, 128, 256).sum(axis=(1, 2))
    assert np.abs(sums - BANDS).max() <= 0.01 * 128 * 256  # rounding of the transform, on 0.6 % of the pixels


def test_it_is_deidentified_as_well() -> None:
    made = pydicom.dcmread(io.BytesIO(deidentify_file(REAL[0], SALT).content))
    assert np.array_equal(made.pixel_array, read_images(REAL[0]).planes[0].pixels)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(1, 100),
    st.sampled_from([{}, {"optimize": True}, {"restart_marker_blocks": 2}]),
    st.integers(0, 2**32),
)
@settings(max_examples=40, deadline=None)
def test_pillow_decodes_its_own_streams_to_the_same(
    rows: int, columns: int, quality: int, options: dict[str, int], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    ground = 128 + 60 * np.sin(np.arange(columns) / 7 + draw.uniform(0, 6))
    pixels = np.clip(ground + draw.normal(0, 25, (rows, columns)), 0, 255).astype(np.uint8)
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "JPEG", quality=quality, **options)
    theirs = np.asarray(Image.open(io.BytesIO(written.getvalue())), dtype=int)
    assert np.abs(decode(written.getvalue()) - theirs).max(initial=0) <= 1


@given(st.lists(st.tuples(st.integers(0, 6829), st.integers(0, 255)), max_size=8), st.integers(0, 6830))
@settings(max_examples=60, deadline=None)
def test_a_damaged_stream_is_a_picture_or_an_error_in_words(
    changes: list[tuple[int, int]], upto: int
) -> None:
    damaged = bytearray(stream(REAL[0]))
    for at, value in changes:
        damaged[at] = value
    for content in (bytes(damaged), bytes(damaged[:upto])):
        try:
            assert decode(content).ndim == 2
        except BadStream as why:
            assert len(str(why)) > 10


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"\xff\xc1", b"\xff\xc2", "another process"),
        (b"\xff\xc1\x00\x0b\x0c", b"\xff\xc1\x00\x0b\x10", "one component"),
        (b"\x04\x00\x01\x00\x01\x01", b"\xff\x00\xff\x00\x01\x01", "too short"),
    ],
)
def test_what_it_cannot_read_it_names(old: bytes, new: bytes, why: str) -> None:
    content = stream(REAL[0])
    assert old in content
    with pytest.raises(BadStream, match=why):
        decode(content.replace(old, new, 1))
