"""From ``replications`` to the domain's ``Precision``: which metrics, and how wide their intervals may be."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.domain.metric import METRICS
from simgrid.domain.precision import Precision, Target
from simgrid.scenario.findings import Findings
from simgrid.scenario.marks import Path
from simgrid.scenario.metric_amounts import amount_of
from simgrid.scenario.problems import did_you_mean, shown
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.units import BadQuantity

_HERE: Path = ("replications",)


def build_precision(spec: ScenarioSpec, findings: Findings) -> Precision | None:
    """What is asked of the means; None where the scenario gives a number of replications."""
    asked = spec.replications
    if asked.precision is None and not asked.within:
        return None
    named = asked.of or tuple(name for name in spec.primary if name not in asked.within)
    _check_names(asked.of, tuple(asked.within), findings)
    targets = [Target(*one, relative=False) for one in _widths(spec, findings)]
    if asked.precision is not None:
        targets[:0] = [Target(name, asked.precision, relative=True) for name in named]
        if not named and not asked.within:
            way_out = "add 'of: [tat_p95_min, ...]', or 'primary'"
            findings.add("E102", _HERE, "'of' is missing, and the scenario has no primary metrics", way_out)
    return Precision(tuple(targets))


def _check_names(of: tuple[str, ...], within: tuple[str, ...], findings: Findings) -> None:
    places: list[tuple[Path, str]] = [((*_HERE, "of", index), name) for index, name in enumerate(of)]
    for path, name in places + [((*_HERE, "within", name), name) for name in within]:
        if name not in METRICS:
            way_out = did_you_mean(name, METRICS, "the metrics are")
            findings.add("E201", path, f"there is no metric '{name}'", way_out)
    for index, name in enumerate(of):
        if name in of[:index] or name in within:
            where = "in 'within' as well" if name in within else "twice"
            findings.add("E202", (*_HERE, "of", index), f"'{name}' stands {where}", "keep one")


def _widths(spec: ScenarioSpec, findings: Findings) -> Iterator[tuple[str, float]]:
    for name, value in spec.replications.within.items():
        if name not in METRICS:
            continue
        path = (*_HERE, "within", name)
        try:
            width = amount_of(value, METRICS[name].unit)
        except BadQuantity as bad:
            findings.add(bad.code, path, bad.message, bad.way_out)
            continue
        if not width > 0:
            findings.add("E107", path, f"{shown(value)} is out of range", "it must be above 0")
            continue
        yield name, width
