"""The image-quality pipeline against decoding alone, and onnxruntime against torch: interleaved, one thread.

``python -m benchmarks.quality [ROUNDS]``. The slice: 512 x 512 CT in JPEG 2000 out of pydicom-data. A ratio
is the median of those of the rounds, with the 95 % interval of a median (order statistics).
"""

import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import pydicom  # noqa: E402
from pydicom.data import get_testdata_file  # noqa: E402
from scipy.stats import binom  # noqa: E402

from simgrid.dicom.pixels import read_images  # noqa: E402
from simgrid.quality.check import images_of  # noqa: E402
from simgrid.quality.classifier import inputs  # noqa: E402
from simgrid.quality.classifier.classifier import Classifier, session  # noqa: E402
from simgrid.quality.measures import measure  # noqa: E402

GOALS = {"pipeline over decode": 2.1, "torch over onnxruntime": 2.5}
FILE = "693_J2KR.dcm"


def interleaved(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each task, one after another in every round; two rounds are not counted."""
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 2):
        for name, task in tasks.items():
            before = time.perf_counter()
            task()
            if number >= 2:
                spent[name].append(1000 * (time.perf_counter() - before))
    return spent


def ratio(over: list[float], under: list[float]) -> tuple[float, float, float]:
    """Median of the rounds' ratios, and the order statistics between which it lies with 95 %."""
    found = sorted(one / other for one, other in zip(over, under, strict=True))
    rank = max(int(binom.ppf(0.025, len(found), 0.5)), 1)
    return statistics.median(found), found[rank - 1], found[-rank]


def pipeline(rounds: int) -> dict[str, list[float]]:
    """From the file to the judgement, against pydicom's decoding of the same bytes."""
    path = Path(str(get_testdata_file(FILE)))
    content = path.read_bytes()
    classifier = Classifier.shipped()
    (image,) = images_of(read_images(path))
    return interleaved(
        {
            "decode": lambda: pydicom.dcmread(io.BytesIO(content)).pixel_array,
            "pipeline": lambda: classifier.judge(images_of(read_images(path))),
            "measures": lambda: measure(image),
            "judge": lambda: classifier.judge([image]),
        },
        rounds,
    )


def networks(rounds: int) -> dict[str, list[float]]:
    """One image through the same network in torch and in onnxruntime."""
    import torch

    from simgrid.quality.training.network import Network, exported

    torch.set_num_threads(1)
    made = Network(with_measures=True).eval()
    run = session(exported(made))
    pictures = np.zeros((1, len(inputs.CHANNELS), inputs.SIDE, inputs.SIDE), np.float32)
    measures = np.zeros((1, len(inputs.FEATURES)), np.float32)
    tensors = torch.from_numpy(pictures), torch.from_numpy(measures)

    def eager() -> object:
        with torch.inference_mode():
            return made(*tensors)

    return interleaved(
        {
            "onnxruntime": lambda: run.run(None, {"pictures": pictures, "measures": measures}),
            "torch": eager,
        },
        10 * rounds,
    )


def main() -> None:
    """Print the medians and the line of JSON."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    spent = pipeline(rounds) | networks(rounds)
    for name, times in spent.items():
        print(f"{name:14}{statistics.median(times):8.2f} ms")
    ratios = {
        "pipeline over decode": ratio(spent["pipeline"], spent["decode"]),
        "torch over onnxruntime": ratio(spent["torch"], spent["onnxruntime"]),
    }
    for name, (value, low, high) in ratios.items():
        print(f"{name}: {value:.2f} [{low:.2f}, {high:.2f}]")
    rounded = {name: [round(one, 3) for one in found] for name, found in ratios.items()}
    print(json.dumps({"benchmark": "quality", "ratios": rounded, "goals": GOALS}))


if __name__ == "__main__":
    main()
