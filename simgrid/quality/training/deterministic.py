"""The same weights, byte for byte, from the same seed on the same machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can name: no clock in the bytes


def prepare(seed: int, threads: int) -> torch.Generator:
    """Deterministic kernels, a fixed number of threads (sums depend on it) and a seeded generator."""
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(seed)  # initial weights of layers come from torch's global generator
    return torch.Generator().manual_seed(seed)


def npz_bytes(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """As ``numpy.savez_compressed`` writes, without the time of writing; never an object array."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(arrays):
            array = io.BytesIO()
            np.lib.format.write_array(array, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, array.getvalue(), compresslevel=9)
    return buffer.getvalue()
