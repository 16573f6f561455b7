"""What each system is worth: pairs of variants, and for each a metric and a direction declared beforehand.

``python -m tests.statistical.on_off`` runs every pair over the same worlds and prints the tables that
``docs/reference/grid.md`` shows system by system; it takes some minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_once
from simgrid.scenario import load

REPLICATIONS = 20


@dataclass(frozen=True)
class Pair:
    """Two variants of a scenario, and which way the metric of a group goes from ``off`` to ``on``.

    ``policy``: the scenario's first where it is empty; ``off_policy``: of ``off``, where that is another one.
    """

    system: str
    scenario: str
    on: str
    off: str
    metric: str
    way: str
    group: str = "all"
    policy: str = ""
    off_policy: str = ""

    @property
    def name(self) -> str:
        """What a test is called by."""
        on = self.policy if self.off_policy else self.on
        return f"{self.scenario.rpartition('/')[2]}-{on}-{self.metric}"


def _pairs(
    system: str, scenario: str, *rows: tuple[str, ...], policy: str = "", folder: str = "grid"
) -> Iterator[Pair]:
    """Rows are on, off, metric, way and, where it is not all, group."""
    for on, off, metric, way, *group in rows:
        yield Pair(system, f"{folder}/{scenario}", on, off, metric, way, *(group or ["all"]), policy)


PAIRS = (
    *_pairs(
        "Links",
        "transfers-on-off",
        ("separate", "base", "transfer_mean_min", "down"),
        ("cap", "base", "transfer_mean_min", "up"),
        # Only studies go by several streams: they gain what the retrievals beside them lose.
        ("streams", "retrievals", "transfer_mean_min", "down"),
        ("latency", "base", "transfer_mean_min", "up"),
        ("overhead", "base", "transfer_mean_min", "up"),
        ("compression", "base", "transfer_mean_min", "down"),
        ("night", "base", "transfer_mean_min", "up"),
        ("mobile", "base", "transfer_mean_min", "up"),
    ),
    *_pairs(
        "Faults",
        "transfers-on-off",
        ("outages", "base", "stall_share", "up"),
        ("outages", "base", "tat_mean_min", "up"),
        ("incidents", "base", "stall_share", "up"),
        ("incidents", "base", "tat_mean_min", "up"),
        ("outages-restart", "outages-resume", "sent_gb", "up"),
        ("agents-fail", "agents", "stall_share", "up"),
        ("agents-fail", "agents", "tat_mean_min", "up"),
        ("absent", "base", "tat_mean_min", "up"),
        ("ill-hand-over", "ill", "tat_max_min", "down"),
    ),
    *_pairs(
        "Grid agents",
        "transfers-on-off",
        # One at a time beats all at once: a line shared by two has both of them late.
        ("few-workers", "agents", "transfer_mean_min", "down"),
        ("slow-messages", "agents", "transfer_mean_min", "up"),
        ("urgent-first", "first-come", "tat_mean_min", "down", "urgency=urgent"),
        ("ageing", "urgent-first", "tat_mean_min", "down", "urgency=routine"),
    ),
    *_pairs(
        "Caches and redundancy",
        "storage-on-off",
        ("nearest", "base", "transfer_mean_min", "down"),
        ("least-loaded", "base", "transfer_mean_min", "down"),
        ("nearest", "base", "cache_hit_ratio", "up"),
        ("two-copies", "base", "copies_mean", "up"),
        ("small-caches", "base", "blocked", "up"),
        ("without-caches", "base", "stored_max_gb", "down"),
        ("slow-deletion", "base", "blocked", "up"),
        ("without-redundancy", "base", "messages", "down"),
        policy="shortest-queue@feasible",
    ),
    *_pairs(
        "Eviction rules",
        "rules-on-off",
        ("base", "without", "prior_fetches", "down"),
        ("fifo", "base", "cache_hit_ratio", "down"),
        # Who has come often comes again (``workload.patients``): how often tells more than how lately.
        ("lfu", "base", "cache_hit_ratio", "up"),
        ("gdsf", "base", "cache_hit_ratio", "up"),
        ("ttl", "base", "cache_hit_ratio", "down"),
        # No bound with unequal sizes, yet it knows which studies nobody will want.
        ("belady", "base", "cache_hit_ratio", "up"),
    ),
    *_pairs(
        "Grid Index",
        "storage-on-off",
        ("late-index", "base", "index_stale_share", "up"),
        policy="shortest-queue@feasible",
    ),
    *_pairs(
        "Image delivery",
        "images-on-off",
        ("broadcast", "viewer", "sent_gb", "up"),
        ("pull", "base", "stall_share", "up"),
        policy="shortest-queue@feasible",
    ),
    *_pairs(
        "Viewer",
        "images-on-off",
        ("streaming", "base", "tat_mean_min", "down", "urgency=urgent"),
        ("pull-streaming", "pull", "first_image_p95_s", "down"),
        policy="shortest-queue@feasible",
    ),
    *_pairs(
        "Priors",
        "images-on-off",
        ("priors", "base", "reading_mean_min", "up"),
        ("prefetch", "priors", "stall_mean_min", "down"),
        ("unit-cache", "priors", "prior_fetches", "down"),
        policy="shortest-queue@feasible",
    ),
    *_pairs(
        "Data platform",
        "platform-on-off",
        ("platform", "base", "transfer_mean_min", "up"),
        ("file-layer", "base", "transfer_mean_min", "up"),
        ("recent", "platform", "transfer_mean_min", "down"),
        ("recent", "platform", "app_cache_hit_ratio", "up"),
        ("frequent", "platform", "app_cache_hit_ratio", "up"),
        ("one-shard", "platform", "shard_p95_ms", "up"),
        ("hot-shard", "platform", "shard_skew", "up"),
        ("hot-shard", "platform", "shard_p95_ms", "up"),
        ("shard-down", "platform", "transfer_mean_min", "up"),
        ("data-centre-down", "platform", "tat_mean_min", "up"),
        ("streaming", "platform", "retrieval_first_image_p95_s", "down"),
    ),
    *_pairs(
        "Monitoring",
        "platform-on-off",
        ("stale", "monitored", "tat_mean_min", "up"),
        ("narrow", "monitored", "link_utilisation", "up", "link=main/down"),
    ),
    Pair(
        "Reporting workflow optimisation",
        "grid/desks-on-off",
        "base",
        "base",
        "subspecialty_success",
        "up",
        policy="rwoa",
        off_policy="shortest-queue@feasible",
    ),
    Pair(
        "Reporting workflow optimisation",
        "grid/desks-on-off",
        "base",
        "base",
        "response_time_success",
        "up",
        policy="rwoa",
        off_policy="rbsm",
    ),
    *_pairs(
        "People and desks",
        "desks-on-off",
        ("park", "base", "tat_mean_min", "up"),
        ("hand-over", "base", "tat_mean_min", "down"),
        ("interruption", "base", "tat_mean_min", "down", "urgency=urgent"),
        ("session", "base", "reading_mean_min", "down"),
        ("cherry-picking", "base", "wait_mean_min", "down"),
        ("few-workstations", "base", "wait_mean_min", "up"),
        ("one-monitor", "base", "tat_mean_min", "up", "modality=MG"),
        policy="shortest-queue@feasible",
    ),
    *_pairs(
        "Feedback of report quality",
        "desks-on-off",
        ("feedback", "reviews-unheard", "rating_error", "down"),
        policy="rbsm",
    ),
    *_pairs(
        "Office",
        "office-on-off",
        ("slots-by-bot", "base", "office_min", "down"),
        ("bills-by-bot", "base", "office_min", "down"),
        ("stock-by-bot", "base", "office_min", "down"),
        ("all-by-bot", "base", "office_min", "down"),
        ("all-by-bot", "base", "staff_min", "down"),
        folder="quality",
    ),
    *_pairs(
        "Gates",
        "gates",
        # Whoever looks at all finds some, and what is found at the scanner need not come back from the desk.
        ("technologist", "base", "missed_defects", "down"),
        ("rules", "base", "missed_defects", "down"),
        ("cnn", "base", "missed_defects", "down"),
        ("rules-and-cnn", "base", "missed_defects", "down"),
        ("rules-and-cnn", "base", "recalls", "down"),
        ("rules-and-cnn", "base", "tat_mean_min", "down"),
        ("rules-and-cnn", "base", "repeats", "up"),
        # A person looks at every image, a judge of pixels calls one only where it has doubts.
        ("technologist", "base", "staff_min", "up"),
        ("rules-and-cnn", "technologist", "staff_min", "down"),
        folder="quality",
    ),
)


@dataclass(frozen=True)
class Worth:
    """The metric without and the difference that the system makes, with half its 95 % interval."""

    off: float
    difference: float
    half: float

    def goes(self, way: str) -> bool:
        """Whether the interval lies on that side of zero."""
        return self.difference - self.half > 0 if way == "up" else self.difference + self.half < 0


def worth(pair: Pair) -> Worth:
    """Paired over the replications: the worlds are the same, only the system differs."""
    key = pair.group, pair.metric
    other = pair.off_policy or pair.policy
    off = np.array([_run(pair.scenario, pair.off, other, number)[key] for number in range(REPLICATIONS)])
    on = np.array([_run(pair.scenario, pair.on, pair.policy, number)[key] for number in range(REPLICATIONS)])
    differences = on - off
    half = stats.t.ppf(0.975, REPLICATIONS - 1) * stats.sem(differences)
    return Worth(float(off.mean()), float(differences.mean()), float(half))


@cache
def _run(scenario: str, variant: str, policy: str, replication: int) -> dict[tuple[str, str], float]:
    cell = _cells(scenario)[variant]
    choice = PolicyChoice.parse(policy) if policy else cell.policies[0]
    return {(one.group, one.metric): one.value for one in run_once(cell, choice, replication)}


@cache
def _cells(scenario: str) -> dict[str, Scenario]:
    return {dict(cell.swept)["variant"]: cell for cell in load(scenario).cells}


def line(pair: Pair, found: Worth) -> str:
    """A row of the table in the documentation."""
    group = "" if pair.group == "all" else f" ({pair.group})"
    on, off = (pair.policy, pair.off_policy) if pair.off_policy else (pair.on, pair.off)
    against = "" if off == "base" else f" against `{off}`"
    return (
        f"| {pair.system} | `{on}`{against} | `{pair.metric}`{group} | {found.off:.4g} "
        f"| {found.difference:+.3g} ± {found.half:.2g} |"
    )


def main() -> None:
    """Print the table."""
    print("| system | variant | metric | without | difference, 95 % |")
    print("| --- | --- | --- | --- | --- |")
    for pair in PAIRS:
        print(line(pair, worth(pair)), flush=True)


if __name__ == "__main__":
    main()
