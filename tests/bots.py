"""A bot for tests: the real reader, a judge that looks at the pixels by two formulas, pages of one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from pydicom.data import get_testdata_file
from scipy import ndimage

from simgrid.dicom.pixels import ReadFile, read_images
from simgrid.dicom.pseudonyms import Pseudonyms
from simgrid.quality.bot.machine import Bot, bot
from simgrid.quality.bot.seams import FileReport, Gray, IndexRow, Tools
from simgrid.quality.bot.writing import held
from simgrid.quality.check import Checked, judge
from simgrid.quality.image import Image
from simgrid.quality.opinion import UNJUDGED, Likelihood

SALT = Pseudonyms(b"the tests' own salt")
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
FILES = (
    "CT_small.dcm",
    "MR_small.dcm",
    "693_J2KI.dcm",
    "SC_rgb_small_odd.dcm",
    "MR_truncated.dcm",
    "reportsi.dcm",
)


def noise_of(image: Image) -> float:
    """0 to 1: how much of the spread lies in what a small median takes away."""
    rest = image.pixels - ndimage.median_filter(image.pixels, 3)
    return float(np.clip(rest.std() / (image.pixels.std() + 1e-9), 0, 1))


def tests_judge(read: ReadFile) -> Checked:
    """Noise by the formula; inversion where the border is brighter than the middle; nothing else."""
    if not read.planes:
        return judge(read, "")
    noise = max(noise_of(Image(one.pixels, one.modality)) for one in read.planes)
    inverted = max(float(_border(one.pixels) > np.mean(one.pixels)) for one in read.planes)
    found = {name: Likelihood(0.0, 0.0) for name in UNJUDGED}
    found["noise"], found["inversion"] = Likelihood(noise, noise), Likelihood(0.9 * inverted, 0.5)
    return Checked("", "judged", "", "repeat" if noise > 0.7 else "accept", found, read.findings)


def _border(pixels: np.ndarray) -> float:
    return float(np.mean([pixels[0].mean(), pixels[-1].mean(), pixels[:, 0].mean(), pixels[:, -1].mean()]))


def smoothed(image: Image) -> Image:
    """A denoiser that every machine has."""
    return image.with_pixels(ndimage.median_filter(image.pixels, 3))


class PlainPages:
    """Pages of one line each."""

    def picture(self, gray: Gray) -> bytes:
        return gray.tobytes()

    def file_page(self, report: FileReport) -> str:
        return f"{report}\n"

    def index_pages(self, rows: Sequence[IndexRow]) -> Mapping[str, str]:
        return {"index.html": "".join(f"{row}\n" for row in rows)}


def tools(**changes: object) -> Tools:
    """What a bot of the tests is given."""
    given = Tools(SALT, PlainPages(), read_images, tests_judge, smoothed, clock=lambda: AT)
    return replace(given, **changes)  # type: ignore[arg-type]


def inbox(folder: Path, names: Sequence[str] = FILES) -> Path:
    """Real files, one of them twice, and what is no DICOM."""
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(Path(str(get_testdata_file(name))).read_bytes())
    (folder / "sub").mkdir()
    (folder / "sub" / "copy of the first").write_bytes((folder / names[0]).read_bytes())
    (folder / "notes.txt").write_text("Jane Doe called at nine")
    (folder / ".being written").write_text("not yet")
    return folder


def run(folder: Path, output: Path, given: Tools | None = None) -> Bot:
    """One pass."""
    with held(output):
        made = bot(output, given or tools())
        made.run(folder)
    return made


def content(output: Path) -> dict[str, bytes]:
    """Every file of an output folder, the lock excepted."""
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.name != ".bot-lock"
    }


def noisy_ct(path: Path) -> Path:
    """A real slice under so much noise that its median is the better image."""
    made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    draw = np.random.default_rng(7).normal(0, 900, made.pixel_array.shape)
    made.PixelData = np.clip(made.pixel_array + draw, -4000, 8000).astype("<i2").tobytes()
    made.save_as(path)
    return path


def deadly_decoder(folder: Path) -> Path:
    """A folder for the path of Python, under which a new process aborts at files called ``deadly.dcm``."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def deadly(event, given):\n"
        "    if event == 'open' and str(given[0]).endswith('deadly.dcm'):\n"
        "        os.abort()\n"
        "sys.addaudithook(deadly)\n"
    )
    return folder


def named_ct(path: Path, text: str = "DOE JANE 1970") -> Path:
    """A real slice with a name drawn into its pixels, as large as a screen shows it."""
    made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    canvas = Pillow.new("L", (made.Columns, made.Rows))
    ImageDraw.Draw(canvas).text((8, 4), text, fill=255, font=ImageFont.load_default(size=12))
    stored = np.where(np.asarray(canvas) > 128, made.pixel_array.max(), made.pixel_array)
    made.PixelData = stored.astype("<i2").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path)
    return path
