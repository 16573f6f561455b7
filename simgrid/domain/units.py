"""Names for quantities: plain numbers whose unit is part of their type's name.

Inside the model every time is in seconds, every size in bytes and every rate in bits per second.
Minutes appear where the field counts in minutes (reading effort), and then the name says so.

numpy is imported in the functions of the domain that make arrays: who only describes a hospital, as
``simgrid validate`` does, waits for no numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray: TypeAlias = npt.NDArray[np.float64]
    IntArray: TypeAlias = npt.NDArray[np.int64]
    BoolArray: TypeAlias = npt.NDArray[np.bool_]
else:  # names for annotations, which nothing reads while a program runs
    FloatArray = IntArray = BoolArray = Any

Seconds: TypeAlias = float
Minutes: TypeAlias = float
Bytes: TypeAlias = float
BitsPerSecond: TypeAlias = float
Megapixels: TypeAlias = float

MINUTE: Seconds = 60.0
HOUR: Seconds = 3600.0
DAY: Seconds = 86400.0
BITS_PER_BYTE = 8.0
