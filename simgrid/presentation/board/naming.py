"""What the name of a policy means, in plain words: ``NAME@VARIANT+VARIANT``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_RULES = {
    "continuity": "a patient's next study to whoever had her last",
    "deadline-insertion": "by due time, to the best suited who makes nobody late",
    "effort-deficit": "to whoever has done least of her share",
    "logged": "as the replayed log says",
    "manual": "as a chief radiologist by habit",
    "random": "by chance",
    "rbsm": "to the best suited radiologist, whatever the load",
    "round-robin": "to the next radiologist in order",
    "rwoa": "by suitability, load and time together, solved as one problem",
    "shortest-completion": "to whoever would finish reading first",
    "shortest-queue": "to the radiologist with the fewest unfinished studies",
}
_VARIANTS = {
    "batched": "work is given out at set times",
    "feasible": "only among those who may read the study",
    "minutes": "queues are counted in minutes of reading, not in studies",
    "no-deadline": "without the required time",
    "no-effort": "without the workload limit",
    "online": "each study is given out as it arrives",
    "queue-aware": "the queue of the same batch is reckoned with",
    "urgent-first": "urgent studies before routine ones",
}


def names_told(labels: Iterable[str]) -> Iterator[str]:
    """A sentence for those that have a variant, each once; of words that are not ours the name alone."""
    told = [_told(one) for one in dict.fromkeys(labels) if "@" in one]
    if told:
        yield f"How work is given out: {'; '.join(told)}."


def _told(label: str) -> str:
    name, _, variants = label.partition("@")
    words = [_VARIANTS.get(one, f"its variant {one}") for one in variants.split("+")]
    return f"“{label}”: {_RULES.get(name, f'the rule {name}')} ({'; '.join(words)})"
