"""Streams belong to names: order-free, and apart for any difference in seed, replication or name."""

from itertools import combinations

from simgrid.randomness import stream


def test_the_same_name_gives_the_same_draws_in_any_order() -> None:
    first = stream(1, 2, "reading-time").random(5).tolist()
    stream(1, 2, "arrival").random(100)
    assert stream(1, 2, "reading-time").random(5).tolist() == first


def test_every_difference_gives_another_stream() -> None:
    keys = [(1, 2, "a"), (2, 1, "a"), (1, 3, "a"), (1, 2, "b"), (1, 2, "a", ""), (1, 2, "", "a"),
            (1, 2, "a", "bc"), (1, 2, "ab", "c")]  # fmt: skip
    draws = {key: tuple(stream(key[0], key[1], *key[2:]).random(4)) for key in keys}  # type: ignore[arg-type]
    assert all(draws[one] != draws[other] for one, other in combinations(keys, 2))
