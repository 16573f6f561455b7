"""Text drawn into pixels: what is found, what is missed, what else is blanked; the page tells the figures."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pydicom
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import UltrasoundImageStorage

from simgrid.dicom.burned_in import Box, blank_text, may_carry_text, text_areas, text_boxes
from simgrid.randomness import stream
from tests.unit.dicom_samples import dataset

FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf")
GROUNDS = ("CT_small.dcm", "MR2_UNCI.dcm", "RG3_UNCI.dcm", "US1_UNCR.dcm", "693_UNCI.dcm")
LETTERS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
PAGE = (Path(__file__).parents[2] / "docs/how-to/deidentify.md").read_text(encoding="utf-8")


def plane(name: str) -> np.ndarray:
    """The middle of a real image, at most 256 a side, 0 to 255."""
    pixels = pydicom.dcmread(str(get_testdata_file(name))).pixel_array.astype(np.float32)
    gray = pixels if pixels.ndim == 2 else pixels.mean(axis=-1)
    top, left = (max(0, (one - 256) // 2) for one in gray.shape)
    gray = gray[top : top + 256, left : left + 256]
    low, high = np.percentile(gray, (0.5, 99.5))
    return np.asarray(np.clip((gray - low) / (high - low) * 255, 0, 255), dtype=np.float32)


def drawn(
    ground: np.ndarray, text: str, place: tuple[int, int], size: int, font: str, level: int
) -> tuple[np.ndarray, Box]:
    """The image with text at (row, column), and where it lies."""
    folder = Path(matplotlib.get_data_path()) / "fonts/ttf"
    face = ImageFont.truetype(str(folder / font), size)
    canvas = Pillow.fromarray(ground.astype(np.uint8))
    pen = ImageDraw.Draw(canvas)
    pen.text((place[1], place[0]), text, fill=level, font=face)
    left, top, right, bottom = pen.textbbox((place[1], place[0]), text, font=face)
    return np.asarray(canvas, dtype=np.float32), Box(int(top), int(bottom), int(left), int(right))


def covered(box: Box, found: list[Box], shape: tuple[int, ...]) -> float:
    """The share of a box that lies in others."""
    mask = np.zeros(shape, bool)
    for one in found:
        mask[one.top : one.bottom, one.left : one.right] = True
    return float(mask[box.top : box.bottom, box.left : box.right].mean())


def recall(corner: bool, tries: int = 30) -> float:
    """The share of texts of which at least 95 % is blanked: in the upper left corner, or anywhere."""
    draw, hits = stream(20260105, 0, "burned in", str(corner)), 0
    grounds = [plane(name) for name in GROUNDS]
    for number in range(tries):
        ground = grounds[number % len(grounds)].copy()
        size = int(draw.integers(11, 25))
        text = "".join(draw.choice(LETTERS, int(draw.integers(5, 9))))
        if corner:
            ground[: size + 12, :] = 0
        rows, columns = ground.shape[0] - size - 4, max(5, ground.shape[1] - 9 * size)
        place = (4, 4) if corner else (int(draw.integers(4, max(5, rows))), int(draw.integers(4, columns)))
        image, box = drawn(ground, text, place, size, FONTS[number % 3], 255)
        box = Box(box.top, min(box.bottom, image.shape[0]), box.left, min(box.right, image.shape[1]))
        hits += covered(box, text_boxes(image), image.shape) >= 0.95
    return hits / tries


def needless() -> float:
    """The share of pixels that is blanked where nothing is written."""
    shares = []
    for name in ("CT_small.dcm", "MR2_UNCI.dcm", "RG3_UNCI.dcm", "693_UNCI.dcm", "MR_small.dcm"):
        ground = plane(name)
        shares.append(
            covered(Box(0, *ground.shape[:1], 0, *ground.shape[1:]), text_boxes(ground), ground.shape)
        )
    return float(np.mean(shares))


def test_the_page_tells_how_much_is_found_missed_and_blanked_for_nothing() -> None:
    found = (recall(corner=True), recall(corner=False), needless())
    told = f"{found[0]:.0%} of texts on a black margin, {found[1]:.0%} of texts over the image"
    assert told in " ".join(PAGE.split()), (told, found)
    assert f"{found[2]:.1%} of the pixels" in " ".join(PAGE.split()), found
    assert found[0] >= 0.9


def ultrasound() -> Dataset:
    made = dataset(Modality="US", SOPClassUID=UltrasoundImageStorage, Rows=40, Columns=60, BitsAllocated=8)
    made.BitsStored, made.HighBit = 8, 7
    made.PixelData = np.full((40, 60), 99, np.uint8).tobytes()
    region = Dataset()
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 10, 12
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 49, 35
    made.SequenceOfUltrasoundRegions = [region]
    return made


def test_outside_of_the_echo_everything_is_blanked() -> None:
    made = ultrasound()
    made.PixelData = (np.arange(40 * 60, dtype=np.uint8) // 2 + 9).tobytes()
    before = made.pixel_array.copy()
    assert blank_text(made, "usual") == (1, True)
    after = np.frombuffer(made.PixelData, np.uint8).reshape(40, 60)
    assert np.array_equal(after[12:36, 10:50], before[12:36, 10:50])
    assert set(
        np.unique(
            np.delete(
                after.ravel(), np.ravel_multi_index(np.ix_(range(12, 36), range(10, 50)), (40, 60)).ravel()
            )
        )
    ) == {before.min()}


@pytest.mark.parametrize(("where", "boxes"), [("none", 0), ("usual", 0), ("all", 1)])
def test_where_text_is_looked_for(where: str, boxes: int) -> None:
    image, _ = drawn(np.zeros((64, 128), np.float32), "DOE JANE", (20, 10), 16, FONTS[0], 255)
    made = dataset(Rows=64, Columns=128)
    made.PixelData = image.astype("<u2").tobytes()
    assert not may_carry_text(made)
    assert (text_areas(made), text_areas(dataset())) == (1, 0)
    assert blank_text(made, where)[0] == boxes  # type: ignore[arg-type]
    assert (np.frombuffer(made.PixelData, "<u2").max() == 0) == (boxes > 0)


@pytest.mark.parametrize("level", [255, 0])
def test_bright_and_dark_text_in_colour_films_goes_from_every_frame(level: int) -> None:
    image, box = drawn(np.full((64, 160), 120, np.float32), "DOE JANE 77", (20, 10), 16, FONTS[1], level)
    films = np.stack([image.astype(np.uint8)] * 6)[..., None].repeat(3, axis=-1)
    made = dataset(Rows=64, Columns=160, NumberOfFrames=6, SamplesPerPixel=3, BitsAllocated=8, BitsStored=8)
    made.HighBit, made.PhotometricInterpretation, made.PlanarConfiguration = 7, "RGB", 1
    made.PixelData = films.transpose(0, 3, 1, 2).tobytes()
    assert blank_text(made, "usual")[0] >= 1
    after = np.frombuffer(made.PixelData, np.uint8).reshape(6, 3, 64, 160)
    inside = after[:, :, box.top : box.bottom, box.left : box.right]
    assert len(np.unique(inside)) == 1


@pytest.mark.parametrize(
    "changes", [{"Modality": "US"}, {"BurnedInAnnotation": "YES"}, {"ConversionType": "WSD"}]
)
def test_kinds_that_usually_carry_text(changes: dict[str, str]) -> None:
    assert may_carry_text(dataset(**changes))


def test_flat_and_noisy_planes_have_no_text() -> None:
    draw = stream(20260105, 0, "noise")
    assert text_boxes(np.zeros((50, 50), np.float32)) == []
    assert text_boxes(np.full((50, 50), np.float32("nan"))) == []
    noise = draw.normal(0, 1, (256, 256)).astype(np.float32)
    assert covered(Box(0, 256, 0, 256), text_boxes(noise), noise.shape) < 0.02
