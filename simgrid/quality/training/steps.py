"""What ``simgrid qa train`` does, step by step: every network and tree of ``quality/weights`` has one.

A step is a function ``(Context) -> Mapping[str, bytes]`` and writes nothing itself: it returns file names
below the output folder (``weights/NAME.onnx``, ``weights/NAME.md``, ``evaluation/NAME``) with their bytes,
which are the same for the same seed on the same machine; ``-o simgrid/quality`` ships them. A new part adds
one line to ``STEPS``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

SEED = 20150817
STEPS: Mapping[str, str] = {
    "classifier": "simgrid.quality.training.classifier:train",
    "organs": "simgrid.quality.training.segmentation:train",
    "denoiser": "simgrid.quality.training.denoiser:train",
    "anomaly": "simgrid.quality.training.anomaly:train",
}
"""Name to ``module:function``, in the order in which they run; imported when run."""

ON_REQUEST: Mapping[str, str] = {
    "denoiser-adversarial": "simgrid.quality.training.denoiser:train_adversarial",
}
"""Steps that run only where they are named: what they make does not belong to the package."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may know.

    ``smoke``: the same code path on few images and epochs, within half a minute a step; its weights are for
    nothing but showing that training works. ``cache``: where ``simgrid qa fetch-data`` puts images, None for
    the usual place. ``tell`` shows a line of progress; ``threads`` is for torch.
    """

    smoke: bool
    tell: Callable[[str], None]
    cache: Path | None = None
    seed: int = SEED
    threads: int = 2


Step: TypeAlias = Callable[[Context], Mapping[str, bytes]]


def run(context: Context, only: Sequence[str] = ()) -> Iterator[tuple[str, Mapping[str, bytes]]]:
    """Each step's name and files, as they get ready; all steps unless some are named.

    Raises:
        ValueError: for a step that there is not, before any step runs.
    """
    known = {**STEPS, **ON_REQUEST}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ValueError(f"there is no training step {', '.join(unknown)}; there are: {', '.join(known)}")
    for name in known:
        if name in (only or STEPS):
            context.tell(f"training {name}")
            yield name, dict(load(name)(context))


def load(name: str) -> Step:
    """The function of a step."""
    module, _, function = {**STEPS, **ON_REQUEST}[name].partition(":")
    step: Step = getattr(importlib.import_module(module), function)
    return step
