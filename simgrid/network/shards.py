"""Which shard of the federated database holds a patient.

The study's database has one master and 16 shards; its federation manager maps a patient's identifier of 32
hexadecimal digits to a shard (doi 10.1016/j.cmpb.2015.10.005). Here an identifier is a digest of the seed
and the patient's number, so it is a pseudonym from the start.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

SHARDS = 16
_DIGITS = 32
_DIGEST_BYTES = 16


def patient_identifier(seed: int, patient: int) -> str:
    """The pseudonym of a patient: 32 lower-case hexadecimal digits."""
    return _digest(seed, patient).hex()


def shard_of(identifier: str, shards: int = SHARDS) -> int:
    """The shard of an identifier: its value modulo ``shards`` (with 16, its last digit).

    ValueError for anything but 32 hexadecimal digits, in either case.
    """
    if len(identifier) != _DIGITS or not set(identifier) <= set("0123456789abcdefABCDEF"):
        raise ValueError(
            f"a patient identifier has {_DIGITS} hexadecimal digits, got {len(identifier)} characters"
        )
    return int(identifier, 16) % _checked(shards)


def shard_column(seed: int, patients: int, shards: int = SHARDS) -> npt.NDArray[np.int16]:
    """The shard of each of the patients 0 to ``patients`` - 1, shape (patients,), 2 bytes each."""
    _checked(shards)
    digests = (_digest(seed, patient) for patient in range(patients))
    if 256 % shards == 0:  # then the last byte says it
        return np.fromiter((digest[-1] for digest in digests), dtype=np.int16, count=patients) % shards
    values = (int.from_bytes(digest, "big") % shards for digest in digests)
    return np.fromiter(values, dtype=np.int16, count=patients)


def _digest(seed: int, patient: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{patient}".encode(), digest_size=_DIGEST_BYTES).digest()


def _checked(shards: int) -> int:
    if not 1 <= shards <= np.iinfo(np.int16).max:
        raise ValueError(f"shards is {shards}: give 1 to {np.iinfo(np.int16).max}")
    return shards
