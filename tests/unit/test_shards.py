"""From a patient to her shard."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.network.shards import patient_identifier, shard_column, shard_of


def test_an_identifier_is_a_pseudonym_of_32_digits_and_its_last_one_is_the_shard() -> None:
    names = [patient_identifier(7, patient) for patient in range(500)]
    assert len(set(names)) == 500
    assert all(len(name) == 32 and shard_of(name) == int(name[-1], 16) for name in names)
    assert names[3] != patient_identifier(8, 3)
    assert shard_of("AB" * 16) == shard_of("ab" * 16) == 11
    # Fixed for good: archives and logs of other runs name the same patients.
    assert patient_identifier(1, 0) == FIRST


FIRST = "5a52473afa0186b6c02b1d945ed466b3"


@pytest.mark.parametrize("shards", [1, 10, 16, 100])
def test_the_column_agrees_with_the_identifiers(shards: int) -> None:
    column = shard_column(3, 200, shards)
    assert column.tolist() == [shard_of(patient_identifier(3, patient), shards) for patient in range(200)]


def test_even_patients_make_even_shards() -> None:
    load = np.bincount(shard_column(1, 160_000), minlength=16)
    # 10,000 patients a shard, standard deviation about 97: six of them.
    assert load.max() < 10_600


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: shard_of("abc"), "32 hexadecimal digits, got 3 characters"),
        (lambda: shard_of("g" * 32), "32 hexadecimal digits"),
        (lambda: shard_of("0x" + "1" * 30), "32 hexadecimal digits"),
        (lambda: shard_column(1, 5, 0), "shards is 0"),
    ],
)
def test_mistakes_are_named(act, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        act()
