"""A trained network as a file: opened once, run by onnxruntime on one thread, so that it repeats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

WEIGHTS = Path(__file__).parent / "weights"


class UnreadableWeights(ValueError):
    """A weights file that is missing or is no network."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """One ONNX graph, ready to run."""

    session: Any

    def __call__(self, **inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Every output in the order of the graph."""
        return tuple(self.session.run(None, inputs))


def from_bytes(graph: bytes, name: str = "the network") -> Network:
    """The network that these bytes of an ONNX file hold.

    :raises UnreadableWeights: where onnxruntime cannot read them.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no public base class of its errors
        raise UnreadableWeights(f"{name} is no ONNX network that can be run: {error}") from None
    return Network(session)


@cache
def open_network(path: Path) -> Network:
    """The network in a file, read once in a process.

    :raises UnreadableWeights: naming the file.
    """
    if not path.is_file():
        raise UnreadableWeights(f"{path} is not there: `simgrid qa train` makes it")
    return from_bytes(path.read_bytes(), str(path))
