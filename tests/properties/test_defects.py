"""What holds of every simulated defect on any image: sizes odd and tiny, constants, replay, composition."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simgrid.quality.defect_names import DEFECTS, POSSIBLE, Defect
from simgrid.quality.defects import (
    PHYSICAL_ORDER,
    SIMULATIONS,
    Receipt,
    ReceiptError,
    apply,
    apply_all,
    damage,
    draw,
)
from simgrid.quality.image import Image

PAIRS = sorted(SIMULATIONS)
RANGES = {"CT": (-1024, 3071), "MR": (0, 4095), "CR": (0, 4095)}


@st.composite
def images(draw_from: st.DrawFn, family: str) -> Image:
    shape = draw_from(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    low, high = RANGES[family]
    values = st.integers(low, high) | st.sampled_from([low, high])
    pixels = draw_from(
        st.just(np.full(shape, draw_from(values))) | arrays.arrays(np.int64, shape, elements=values)
    )
    limits = draw_from(st.sampled_from([None, (float(low), float(high))]))
    spacing = draw_from(st.sampled_from([None, (0.7, 0.7), (5.0, 0.4)]))
    return Image(pixels.astype(np.float32), family, "", spacing, limits)


@pytest.mark.parametrize(("family", "defect"), PAIRS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_image_gives_a_finite_one_of_its_shape_and_a_replay_of_the_same_bytes(
    family: str, defect: Defect, data: st.DataObject
) -> None:
    image = data.draw(images(family))
    severity = data.draw(st.none() | st.sampled_from([0.0, 1.0]) | st.floats(0, 1))
    receipt = draw(defect, image, np.random.default_rng(data.draw(st.integers(0, 99))), severity)
    before = image.pixels.copy()
    degraded = apply(image, receipt)
    assert degraded.pixels.shape == image.pixels.shape
    assert degraded.pixels.dtype == np.float32
    assert np.isfinite(degraded.pixels).all()
    assert np.array_equal(image.pixels, before)
    if image.limits is not None and defect != "inversion":
        assert image.limits[0] <= degraded.pixels.min() <= degraded.pixels.max() <= image.limits[1]
    read = Receipt.from_json(receipt.to_json())
    assert read == receipt
    assert apply(image, read).pixels.tobytes() == degraded.pixels.tobytes()
    assert 0 <= damage(image, degraded) <= 1


def test_every_possible_defect_is_simulated_and_no_other() -> None:
    assert set(SIMULATIONS) == {(family, defect) for family, found in POSSIBLE.items() for defect in found}
    assert sorted(PHYSICAL_ORDER) == sorted(DEFECTS)


@settings(max_examples=20, deadline=None)
@given(data=st.data(), family=st.sampled_from(sorted(POSSIBLE)))
def test_the_order_in_which_several_are_given_does_not_matter(data: st.DataObject, family: str) -> None:
    image = data.draw(images(family))
    chosen = data.draw(st.lists(st.sampled_from(POSSIBLE[family]), unique=True, min_size=2, max_size=4))
    receipts = [draw(defect, image, np.random.default_rng(7), 0.5) for defect in chosen]
    first = apply_all(image, receipts).pixels
    assert first.tobytes() == apply_all(image, reversed(receipts)).pixels.tobytes()
    one_by_one = image
    for receipt in sorted(receipts, key=lambda one: PHYSICAL_ORDER.index(one.defect)):
        one_by_one = apply(one_by_one, receipt)
    assert first.tobytes() == one_by_one.pixels.tobytes()


def test_the_same_generator_draws_the_same_receipt_and_another_draws_another() -> None:
    image = Image(np.add.outer(np.arange(32.0), np.arange(32.0)).astype(np.float32), "MR")
    receipts = [draw("ghosting", image, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert receipts[0] == receipts[1] != receipts[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "expected a JSON object"),
        ("{", "not JSON"),
        ('{"defect": "noise", "parameters": {}, "seed": 1}', "version is None"),
        ('{"defect": "fog", "parameters": {}, "seed": 1, "version": 1}', "defect 'fog' does not exist"),
        ('{"defect": "noise", "parameters": {"a": NaN}, "seed": 1, "version": 1}', "NaN"),
        ('{"defect": "noise", "parameters": {}, "seed": -1, "version": true, "x": 0}', "'x' is unknown"),
    ],
)
def test_a_receipt_that_cannot_be_read_says_why(text: str, said: str) -> None:
    with pytest.raises(ReceiptError, match=said):
        Receipt.from_json(text)


@pytest.mark.parametrize(("family", "defect"), PAIRS)
def test_a_receipt_that_lacks_a_parameter_is_refused(family: str, defect: Defect) -> None:
    image = Image(np.eye(16, dtype=np.float32) * 100, family)
    with pytest.raises(ReceiptError):
        apply(image, Receipt(defect, SIMULATIONS[family, defect].version, {"family": family}, 0))


def test_what_does_not_fit_is_refused() -> None:
    ct, mr = (Image(np.eye(16, dtype=np.float32) * 100, family) for family in ("CT", "MR"))
    receipt = draw("noise", ct, np.random.default_rng(1))
    with pytest.raises(ReceiptError, match="drawn for CT"):
        apply(mr, receipt)
    with pytest.raises(ReceiptError, match="version 0"):
        apply(ct, Receipt("noise", 0, receipt.parameters, 0))
    with pytest.raises(ReceiptError, match="it can have noise, motion"):
        draw("bias", ct, np.random.default_rng(1))
    with pytest.raises(ReceiptError, match="none of them"):
        draw("noise", Image(ct.pixels, "US"), np.random.default_rng(1))
    with pytest.raises(ReceiptError, match="expected 0"):
        draw("noise", ct, np.random.default_rng(1), 1.5)
    with pytest.raises(ValueError, match="same shape"):
        damage(ct, Image(np.eye(15, dtype=np.float32), "CT"))


@pytest.mark.parametrize(("family", "defect"), [pair for pair in PAIRS if pair[1] != "inversion"])
def test_what_is_drawn_grosser_does_more_damage_on_average(family: str, defect: Defect) -> None:
    image = phantom(family)
    means = [
        np.mean(
            [damage(image, apply(image, draw(defect, image, stream(seed), severity))) for seed in range(16)]
        )
        for severity in (0.05, 0.5, 1.0)
    ]
    assert 0 < means[0] < means[1] < means[2] < 1


def test_damage_is_none_without_change_whole_for_inversion_and_blind_to_nothing_between() -> None:
    for family in POSSIBLE:
        image = phantom(family)
        assert damage(image, image) == 0
        assert damage(image, apply(image, draw("inversion", image, stream(0)))) == 1
        brighter = image.with_pixels(image.pixels + np.float32(0.1 * np.ptp(image.pixels)))
        assert 0.2 < damage(image, brighter) < 1


@pytest.mark.parametrize(("family", "defect"), PAIRS)
def test_whole_numbers_stay_whole_and_fractions_stay_fractions(family: str, defect: Defect) -> None:
    whole = phantom(family)
    receipt = draw(defect, whole, stream(1), 0.6)
    degraded = apply(whole, receipt).pixels
    assert np.array_equal(degraded, np.rint(degraded))
    fractions = whole.with_pixels(whole.pixels + np.float32(0.25))
    assert not np.array_equal(apply(fractions, receipt).pixels, np.rint(apply(fractions, receipt).pixels))


def stream(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def phantom(family: str) -> Image:
    """A patient with two organs and some texture on a dark ground, 96 x 90, of whole numbers."""
    down, across = np.mgrid[:96, :90].astype(float)
    body = np.hypot((down - 48) / 38, (across - 45) / 34) < 1
    organs = np.hypot(down - 40, across - 30) < 9, np.hypot(down - 55, across - 60) < 6
    texture = 12 * np.sin(down / 2.1) * np.cos(across / 1.7)
    tissue = body * (400 + texture) + organs[0] * 90 - organs[1] * 200
    pixels = {"CT": tissue - 400 + body * 40 - ~body * 600, "MR": tissue, "CR": tissue + 2 * down}[family]
    return Image(np.rint(pixels).astype(np.float32), family, "", (3.0, 3.0))


@pytest.mark.parametrize(("family", "defect"), PAIRS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_receipt_tampered_with_is_refused_or_gives_a_finite_image(
    family: str, defect: Defect, data: st.DataObject
) -> None:
    image = phantom(family)
    parts = json.loads(draw(defect, image, stream(data.draw(st.integers(0, 5)))).to_json())
    holder, key = data.draw(st.sampled_from(sorted_leaves(parts["parameters"])))
    holder[key] = data.draw(
        st.sampled_from([0, -1, 1e9, -1e9, 1e300, 1e-12, "", [], None, True, [{}], "spike", 2, 0.5])
    )
    try:
        degraded = apply(image, Receipt.from_json(json.dumps(parts))).pixels
    except ReceiptError as error:
        assert str(error).startswith("receipt: ")
    else:
        assert np.isfinite(degraded).all()


def sorted_leaves(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value in nested parameters: what holds it, and its key there."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    nested = [key for key in keys if isinstance(value[key], dict | list)]
    return [(value, key) for key in keys] + [leaf for key in nested for leaf in sorted_leaves(value[key])]
