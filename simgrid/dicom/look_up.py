"""Look-up tables as long as their descriptors say: what stands behind the last entry may be anything."""

from __future__ import annotations

import re

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

_NAME = re.compile(r"((Red|Green|Blue|Alpha)PaletteColorLookupTable|LUT)Data")


def is_look_up(keyword: str) -> bool:
    """Whether an element holds the entries of a table."""
    return _NAME.fullmatch(keyword) is not None


def cut_as_described(dataset: Dataset, table: DataElement) -> bool:
    """Cut a look-up table to the length that its descriptor says; whether it is that long."""
    if not isinstance(table.value, bytes):  # numbers
        return True
    described = dataset[table.keyword.removesuffix("Data") + "Descriptor"].value
    entries, bits = int(described[0]) or 1 << 16, int(described[2])
    size = 2 * entries if bits > 8 or len(table.value) >= 2 * entries else entries + entries % 2
    table.value = table.value[:size]
    return len(table.value) == size


def palette_whole(made: Dataset) -> bool:
    """Whether all three colours of a palette are there, as long as described."""
    tables = [f"{colour}PaletteColorLookupTableData" for colour in ("Red", "Green", "Blue")]
    return all(name in made and cut_as_described(made, made[name]) for name in tables)
