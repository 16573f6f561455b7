"""The strict table of units: every unit's factor, and what is refused."""

from __future__ import annotations

import pytest

from simgrid.scenario.units import (
    BANDWIDTH,
    DIMENSIONS,
    DURATION,
    FREQUENCY,
    MEGAPIXELS,
    SHARE,
    SIZE,
    BadQuantity,
    Dimension,
    quantity,
)

RIGHT = [
    ("8 Mbit/s", BANDWIDTH, 8e6),
    ("650 kbit/s", BANDWIDTH, 650e3),
    ("1 Gbit/s", BANDWIDTH, 1e9),
    ("9600 bit/s", BANDWIDTH, 9600.0),
    ("8Mbit/s", BANDWIDTH, 8e6),
    ("250 MB", SIZE, 250e6),
    ("1.5 TB", SIZE, 1.5e12),
    ("2 KiB", SIZE, 2048.0),
    ("1 MiB", SIZE, 1048576.0),
    ("1 GiB", SIZE, 2.0**30),
    ("7 B", SIZE, 7.0),
    ("50 kB", SIZE, 50e3),
    ("45 min", DURATION, 2700.0),
    ("4 h", DURATION, 14400.0),
    ("30 d", DURATION, 2592000.0),
    ("8 weeks", DURATION, 4838400.0),
    ("1 week", DURATION, 604800.0),
    ("20 s", DURATION, 20.0),
    ("250 ms", DURATION, 0.25),
    (".5 h", DURATION, 1800.0),
    ("95 %", SHARE, 0.95),
    ("95%", SHARE, 0.95),
    ("0.3 %", SHARE, 0.003),
    ("3 MP", MEGAPIXELS, 3.0),
    ("6 /h", FREQUENCY, 6.0),
    ("1 /min", FREQUENCY, 60.0),
    ("12 /d", FREQUENCY, 0.5),
]


@pytest.mark.parametrize(("text", "dimension", "value"), RIGHT)
def test_right(text: str, dimension: Dimension, value: float) -> None:
    assert quantity(text, dimension) == value


WRONG = [
    ("8 mbit/s", BANDWIDTH, "E103", "did you mean '8 Mbit/s'? (b = bit, B = byte)"),
    ("8 Mb/s", BANDWIDTH, "E103", "did you mean '8 Mbit/s'? (b = bit, B = byte)"),
    ("8 kB/s", BANDWIDTH, "E103", "did you mean '8 kbit/s'? 8 kB/s is 64 kbit/s (b = bit, B = byte)"),
    ("250 mb", SIZE, "E103", "did you mean '250 MB'? (b = bit, B = byte)"),
    ("250 Mb", SIZE, "E103", "did you mean '250 MB'? (b = bit, B = byte)"),
    ("1 kib", SIZE, "E103", "did you mean '1 KiB'? (b = bit, B = byte)"),
    ("4 hours", DURATION, "E103", "did you mean '4 h'?"),
    ("4 H", DURATION, "E103", "did you mean '4 h'?"),
    ("4 M", DURATION, "E103", "did you mean '4 min'?"),
    ("2 Weeks", DURATION, "E103", "did you mean '2 weeks'?"),
    ("95 percent", SHARE, "E103", "did you mean '95 %'?"),
    ("3 MB", MEGAPIXELS, "E103", "write it like '3 MP' (units: MP)"),
    ("6 per hour", FREQUENCY, "E103", "did you mean '6 /h'?"),
    ("8 furlongs", DURATION, "E103", "units of duration: ms, s, min, h, d, week, weeks"),
    (
        60,
        DURATION,
        "E104",
        "write the unit, such as '60 min' (units of duration: ms, s, min, h, d, week, weeks)",
    ),
    (
        "60",
        DURATION,
        "E104",
        "write the unit, such as '60 min' (units of duration: ms, s, min, h, d, week, weeks)",
    ),
    (0.95, SHARE, "E104", "write the unit, such as '95 %' (units of share: %)"),
    ("17:00", DURATION, "E105", "write it like '45 min'"),
    ("1,000 MB", SIZE, "E105", "write a decimal point and no thousands mark"),
    ("1 000 MB", SIZE, "E105", "write it like '250 MB'"),
    ("", SIZE, "E105", "write it like '250 MB'"),
    ("MB", SIZE, "E105", "write it like '250 MB'"),
    ("5 min 30 s", DURATION, "E103", "units of duration: ms, s, min, h, d, week, weeks"),
    ("٣ MB", SIZE, "E105", "write it like '250 MB'"),
    (True, DURATION, "E106", "write it like '45 min'"),
    (None, DURATION, "E106", "write it like '45 min'"),
]


@pytest.mark.parametrize(("value", "dimension", "code", "way_out"), WRONG)
def test_wrong(value: object, dimension: Dimension, code: str, way_out: str) -> None:
    with pytest.raises(BadQuantity) as caught:
        quantity(value, dimension)
    assert (caught.value.code, caught.value.way_out) == (code, way_out)


def test_every_suggestion_is_a_unit_and_every_example_is_right() -> None:
    for dimension in DIMENSIONS:
        assert quantity(dimension.example, dimension) > 0
        assert set(dimension.slips.values()) <= set(dimension.units)
        assert not set(dimension.slips) & set(dimension.units) - {"h"}
