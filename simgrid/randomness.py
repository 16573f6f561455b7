"""Named random streams: a draw belongs to the thing it is drawn for, never to the moment of its use.

Two policies that see the same replication see the same world, because ``stream(seed, replication,
"reading-time", "site-2")`` is the same generator whoever asks, in whatever order.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, replication: int, *name: str) -> np.random.Generator:
    """A generator that depends on the seed, the replication and the name only.

    Names are hashed with their lengths, so ``("a", "bc")`` and ``("ab", "c")`` differ.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in name:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    words = np.frombuffer(digest.digest(), dtype=">u4").astype(np.uint32)
    entropy = [seed, replication, *(int(word) for word in words)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
