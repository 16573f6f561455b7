"""Radiographs: photons behind the patient, the detector that counts them, and the logarithm of their number.

A radiograph here is bright where few photons came. Its levels ``low`` and ``high`` stand for the unattenuated
beam and for ``latitude`` nepers less (the logarithm of an exposure range of 30 to 120); the exposure of a
pixel is exp(-latitude (value - low) / (high - low)), 1 in the open beam.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from simgrid.quality.defects.receipt import Parameter, Parameters, ReceiptError, number, numbers, word
from simgrid.quality.defects.scales import log_between
from simgrid.quality.image import Image, Pixels

SCATTER = 0.004  # of the open beam: even behind metal a detector sees this
STEEL_PER_MM = 0.64  # at 70 keV, NIST XCOM
FARTHEST = 20.0  # nepers from the open beam: beyond, nothing is counted or everything is full

Exposure = NDArray[np.float64]


def levels(image: Image, rng: np.random.Generator) -> dict[str, Parameter]:
    """Which pixel values stand for which exposures: the image's 0.5 and 99.5 percentiles."""
    low, high = (float(value) for value in np.percentile(image.pixels, [0.5, 99.5]))
    return {"low": low, "high": high if high > low else low + 1.0, "latitude": float(rng.uniform(3.4, 4.8))}


def exposure(pixels: NDArray[np.floating], parameters: Parameters) -> Exposure:
    """Photons that reached each pixel, 1 in the open beam."""
    low, high = number(parameters, "low"), number(parameters, "high")
    if high <= low:
        raise ReceiptError(f"receipt: parameters.high is {high}: expected more than low, {low}")
    attenuation = number(parameters, "latitude") * (pixels.astype(np.float64) - low) / (high - low)
    return np.exp(-np.clip(attenuation, -FARTHEST, FARTHEST))


def pixels_of(exposed: Exposure, image: Image, parameters: Parameters) -> Pixels:
    """The logarithm taken and clipped to what the file holds."""
    low, high = number(parameters, "low"), number(parameters, "high")
    pixels = low - np.log(np.maximum(exposed, 1e-9)) * ((high - low) / number(parameters, "latitude"))
    floor, ceiling = image.limits or (low - (high - low), high + (high - low))
    floor, ceiling = min(floor, float(image.pixels.min())), max(ceiling, float(image.pixels.max()))
    return np.asarray(np.clip(pixels, floor, ceiling), np.float32)


def draw_noise(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """Photons a pixel such that the image's middle grey has mottle of 0.8 to 14 % of the range."""
    parameters = levels(image, rng)
    middle = float(np.median(exposure(image.pixels, parameters)))
    mottle = log_between(0.008, 0.14, severity) * number(parameters, "latitude")
    return parameters | {
        "photons": 1 / (mottle**2 * max(middle, 1e-3)),
        "electronic": float(rng.uniform(0, 2)),
        "spread": float(rng.uniform(0, 0.7)) if rng.random() < 0.6 else 0.0,
    }


def apply_noise(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Poisson photons, ``photons`` a pixel in the open beam, and electronic noise in photons.

    ``spread``: standard deviation, in pixels, of the light in the phosphor, which makes the mottle coarser.
    """
    photons = number(parameters, "photons")
    clean = exposure(image.pixels, parameters) * photons
    counted = rng.poisson(np.minimum(clean, 1e12)) + number(parameters, "electronic") * rng.normal(
        0, 1, clean.shape
    )
    error = counted - clean
    if number(parameters, "spread") > 0:
        error = ndimage.gaussian_filter(error, number(parameters, "spread"), mode="reflect")
    return pixels_of(np.maximum(clean + error, 0.3) / photons, image, parameters)


def draw_exposure(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A dose 1.5 to 25 times too low or too high, that the display makes good in part."""
    under = bool(rng.random() < 0.5)
    parameters = levels(image, rng)
    return parameters | {
        "dose": log_between(1.5, 25, severity) ** (-1 if under else 1),
        "ranging": float(rng.uniform(0.3, 1)),
        "headroom": float(rng.uniform(1.2, 2.5)),
        "photons": float(np.exp(rng.uniform(np.log(4e3), np.log(4e4)))),
        "bits": int(rng.integers(11, 14)),
    }


def apply_exposure(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """``dose`` times the right exposure: too bright and noisy, or burnt out where the detector is full.

    The detector is linear up to ``headroom`` open beams of the right exposure and digitised in ``bits``;
    ``photons`` a pixel reach it in the open beam at the right dose. ``ranging``: the share of the shift in
    brightness that the automatic display takes back; what was clipped or never counted stays lost.
    """
    dose, headroom = number(parameters, "dose"), number(parameters, "headroom")
    read = detected(exposure(image.pixels, parameters) * dose, parameters, rng)
    step = headroom / 2 ** number(parameters, "bits")
    return pixels_of(np.maximum(read, step / 2) / dose ** number(parameters, "ranging"), image, parameters)


def detected(arriving: Exposure, parameters: Parameters, rng: np.random.Generator) -> Exposure:
    """What is read of exposures: counted, saturated, digitised; 1 is the open beam at the right dose."""
    photons, headroom = number(parameters, "photons"), number(parameters, "headroom")
    counted = rng.poisson(np.minimum(arriving * photons, 1e12)) / photons
    step = headroom / 2 ** number(parameters, "bits")
    return np.asarray(np.minimum(np.rint(counted / step) * step, headroom))


def draw_blur(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A spread of 1.6 pixels to 3 % of the longer side, full width at half maximum."""
    side = max(image.pixels.shape)
    return levels(image, rng) | {"fwhm": log_between(1.6, max(3.0, 0.03 * side), severity)}


def apply_blur(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Exposures spread by a Gaussian of ``fwhm`` pixels; the number of photons stays."""
    sigma = min(number(parameters, "fwhm") / 2.3548, max(image.pixels.shape))
    spread = ndimage.gaussian_filter(exposure(image.pixels, parameters), sigma, mode="reflect")
    return pixels_of(spread, image, parameters)


def draw_motion(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """A path of 1 to 6 % of the longer side during the exposure: even, or a jerk between two rests."""
    side = max(image.pixels.shape)
    return levels(image, rng) | {
        "length": log_between(max(2.0, 0.01 * side), max(4.0, 0.06 * side), severity),
        "degrees": float(rng.uniform(0, 180)),
        "bend": float(rng.normal(0, 0.15)),
        "rest": float(rng.uniform(0, 0.6)) if rng.random() < 0.6 else 0.0,
    }


def apply_motion(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Exposures averaged along a path of ``length`` pixels at ``degrees``; ``bend`` of it to the side.

    ``rest``: the share of the exposure spent at its two ends, which doubles contours.
    """
    exposed = exposure(image.pixels, parameters)
    return pixels_of(_smeared(exposed, *_path(parameters, max(exposed.shape))), image, parameters)


def _path(
    parameters: Parameters, side: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Rows, columns and weights of the places the patient was in; nobody moves by more than the plane."""
    length, angle = min(number(parameters, "length"), float(side)), np.deg2rad(number(parameters, "degrees"))
    points = max(3, round(2 * length) + 1)
    along = np.linspace(-0.5, 0.5, points)
    aside = number(parameters, "bend") * (1 - 4 * along**2) * length
    weight = np.full(points, (1 - number(parameters, "rest")) / points)
    weight[[0, -1]] += number(parameters, "rest") / 2
    rows = along * length * np.sin(angle) + aside * np.cos(angle)
    columns = along * length * np.cos(angle) - aside * np.sin(angle)
    return rows - np.sum(weight * rows), columns - np.sum(weight * columns), weight


def _smeared(
    plane: Exposure, rows: NDArray[np.float64], columns: NDArray[np.float64], weight: NDArray[np.float64]
) -> Exposure:
    """The plane averaged over shifts, its edges mirrored; shifts between pixels by their four neighbours."""
    margin = int(np.ceil(max(np.abs(rows).max(), np.abs(columns).max()))) + 1
    kernel = np.zeros((2 * margin + 1, 2 * margin + 1))
    first_row, first_column = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    for down, row_share in ((0, 1 - rows + first_row), (1, rows - first_row)):
        for across, column_share in ((0, 1 - columns + first_column), (1, columns - first_column)):
            places = first_row + down + margin, first_column + across + margin
            np.add.at(kernel, places, weight * row_share * column_share)
    padded = np.pad(plane, margin, mode="symmetric")
    smeared = signal.fftconvolve(padded, kernel, mode="valid")
    return np.asarray(np.clip(smeared, plane.min(), plane.max()))


def draw_truncation(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """One to three collimator blades that cover 6 to 45 % of the image together."""
    covered = log_between(0.06, 0.45, severity)
    sides = rng.permutation(4)[: int(rng.integers(1, 4))]
    parts = rng.dirichlet(np.full(len(sides), 2.0)) * covered
    blades = [0.0] * 4
    for side, part in zip(sides, parts, strict=True):
        blades[side] = float(part)
    return levels(image, rng) | {
        "blades": blades,
        "degrees": float(rng.normal(0, 2)),
        "penumbra": float(rng.uniform(0.5, 3)),
        "transmission": float(rng.uniform(0.005, 0.03)),
        "shown": str(rng.choice(["exposed", "shutter"], p=[0.6, 0.4])),
    }


def apply_truncation(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Collimated too far: behind the ``blades`` (top, bottom, left, right) anatomy is lost.

    Blades in shares of the side, turned by ``degrees``; ``penumbra`` in pixels. ``exposed`` shows what came
    through the lead (``transmission``, bright); ``shutter`` blackens it.
    """
    rows, columns = image.pixels.shape
    angle = np.deg2rad(number(parameters, "degrees"))
    down = (np.arange(rows) - (rows - 1) / 2)[:, None]
    across = (np.arange(columns) - (columns - 1) / 2)[None, :]
    turned = down * np.cos(angle) + across * np.sin(angle), across * np.cos(angle) - down * np.sin(angle)
    top, bottom, left, right = (float(part) for part in numbers(parameters, "blades"))
    open_beam = np.ones((rows, columns))
    edges = (turned[0], rows, top, bottom), (turned[1], columns, left, right)
    for place, side, first, last in edges:
        for covered, inwards in ((first, place + side / 2), (last, side / 2 - place)):
            if covered > 0:
                inside = (inwards - covered * side) / number(parameters, "penumbra")
                open_beam = open_beam * np.clip(inside + 0.5, 0, 1)
    share = open_beam + (1 - open_beam) * number(parameters, "transmission")
    shown = pixels_of(exposure(image.pixels, parameters) * share, image, parameters)
    if word(parameters, "shown", "exposed", "shutter") == "shutter":
        black = np.minimum(np.float32(number(parameters, "low")), image.pixels.min())
        return np.asarray(np.where(open_beam > 0.5, shown, black), np.float32)
    return shown


def draw_metal(image: Image, rng: np.random.Generator, severity: float) -> dict[str, Parameter]:
    """One to six rods, discs and rings of steel, 0.5 to 6 mm thick, on or in the patient."""
    side = max(image.pixels.shape)
    objects = []
    for _ in range(int(rng.integers(1, 3 + round(4 * severity)))):
        size = side * log_between(0.008, 0.07, severity) * rng.uniform(0.6, 1.6)
        shape = str(rng.choice(["rod", "disc", "ring"]))
        objects.append(
            {
                "shape": shape,
                "row": float(rng.uniform(0.1, 0.9) * image.pixels.shape[0]),
                "column": float(rng.uniform(0.1, 0.9) * image.pixels.shape[1]),
                "long": float(max(1.0, size * (rng.uniform(2, 5) if shape == "rod" else 1))),
                "short": float(
                    max(0.7, size * (rng.uniform(0.1, 0.3) if shape == "rod" else rng.uniform(0.5, 1)))
                ),
                "degrees": float(rng.uniform(0, 180)),
                "thick_mm": float(np.exp(rng.uniform(np.log(0.8), np.log(8)))),
            }
        )
    return levels(image, rng) | {"objects": objects}


def apply_metal(image: Image, parameters: Parameters, rng: np.random.Generator) -> Pixels:
    """Steel in the beam: necklace, clip, screw, electrode; what scatters around it is all that is seen."""
    steel = np.zeros(image.pixels.shape)
    for one in numbers(parameters, "objects"):
        steel += _covered(image.pixels.shape, one) * number(one, "thick_mm")
    exposed = exposure(image.pixels, parameters)
    hidden = exposed * np.exp(-STEEL_PER_MM * steel)
    return pixels_of(
        np.where(steel > 0, np.maximum(hidden, np.minimum(SCATTER, exposed)), exposed), image, parameters
    )


def _covered(shape: tuple[int, ...], one: Parameters) -> NDArray[np.float64]:
    """The share of each pixel that a rod (half axes long and short), a disc or a ring covers."""
    down = (np.arange(shape[0]) - number(one, "row"))[:, None]
    across = (np.arange(shape[1]) - number(one, "column"))[None, :]
    angle = np.deg2rad(number(one, "degrees"))
    along = across * np.cos(angle) + down * np.sin(angle)
    aside = down * np.cos(angle) - across * np.sin(angle)
    long, short = number(one, "long"), number(one, "short")
    if one.get("shape") == "rod":
        inside = np.minimum(long - np.abs(along), short - np.abs(aside))
    else:
        from_edge = 1 - np.hypot(along / long, aside / short)
        inside = from_edge * min(long, short)
        if one.get("shape") == "ring":
            inside = np.minimum(inside, max(0.7, 0.12 * short) - inside)
    return np.asarray(np.clip(inside + 0.5, 0, 1))
