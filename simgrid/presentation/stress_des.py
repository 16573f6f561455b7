"""The STRESS-DES checklist of a study, filled from its scenario, its ledger and its manifest.

Sections and items: Monks et al. 2019, doi 10.1080/17477778.2018.1442155. ``stress_des.md`` has the words that
are the same for every study, with a name where something of the study stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from simgrid.domain.metric import METRICS
from simgrid.domain.scenario import Provenance, Scenario, Source
from simgrid.domain.units import DAY, HOUR, MINUTE

NOT_RUN = "Not run yet."


@dataclass(frozen=True, slots=True)
class Execution:
    """How and with what a study was run; ``hardware`` and ``minutes`` of one worker where they are known."""

    replications: int
    model_version: int
    python: str
    platform: str
    packages: Mapping[str, str | None] = field(default_factory=dict)
    commit: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    hardware: str = ""
    minutes: float | None = None


def execution(manifest: str) -> Execution:
    """What ``manifest.json`` of a results folder tells.

    :raises ValueError: it is no such manifest.
    """
    try:
        told = json.loads(manifest)
        return Execution(
            replications=int(told["replications"]),
            model_version=int(told["model_version"]),
            python=str(told["python"]),
            platform=str(told["platform"]),
            packages=dict(told["packages"]),
            commit=told["source"]["commit"],
            inputs=dict(told["inputs_sha256"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no manifest of a study ({type(error).__name__}: {error})") from error


def stress_des(cells: Sequence[Scenario], ran: Execution | None) -> str:
    """The checklist as Markdown. ``cells``: of one study, one or more; without ``ran`` its items say so."""
    first = cells[0]
    told = {
        "title": first.title,
        "outputs": _outputs(first),
        "aims": _aims(first),
        "scenarios": _scenarios(cells),
        "resources": _resources(first),
        "entry": _entry(first),
        "sources": _ledger(first.sources, ("stated", "derived")),
        "preparation": _preparation(first, ran),
        "assumptions": _ledger(first.sources, ("assumed", "changed")),
        "initialisation": _initialisation(first),
        "length": f"Requests for {_span(first.horizon_s)}, then until all is reported, "
        f"{_span(first.give_up_s)} at most.",
        "seed": str(first.seed),
        **_run(ran),
    }
    template = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    return Template(template).substitute(told)


def _outputs(cell: Scenario) -> str:
    primary = [f"`{name}` ({METRICS[name].meaning})" for name in cell.primary if name in METRICS]
    return f"Primary: {'; '.join(primary)}." if primary else "None is primary."


def _aims(cell: Scenario) -> str:
    policies = ", ".join(f"`{one.label}`" for one in cell.policies)
    claims = [
        f"- `{one.policy}` better than {', '.join(f'`{name}`' for name in one.against)} in `{one.metric}`"
        + (f" ({one.note})" if one.note else "")
        for one in cell.claims
    ]
    declared = "\n".join(["", "", "Orderings declared before the runs:", "", *claims]) if claims else ""
    return f"Policies: {policies}; compared with `{cell.baseline}`.{declared}"


def _scenarios(cells: Sequence[Scenario]) -> str:
    if len(cells) == 1:
        return "One cell, as written."
    points = [", ".join(f"{name} = {value}" for name, value in one.swept) for one in cells]
    return f"{len(cells)} cells: {'; '.join(points)}."


def _resources(cell: Scenario) -> str:
    units = "; ".join(
        f"`{one.name}` with {_counted(one.workstations, 'workstation')} and {one.storage_bytes / 1e9:.4g} GB"
        for one in cell.units
    )
    scanners = sum(one.scanners for one in cell.sites)
    return (
        f"{_counted(len(cell.sites), 'site')} with {_counted(scanners, 'scanner')}; "
        f"{_counted(len(cell.units), 'reporting unit')}: {units}; "
        f"{_counted(len(cell.radiologists), 'radiologist')} with rosters; one data centre; "
        f"{_counted(len(cell.clients), 'client')}."
    )


def _entry(cell: Scenario) -> str:
    demand = cell.demand
    if demand.log is not None:
        arrivals = f"The inspections of the log `{Path(demand.log.file).name}`"
    elif demand.arrivals.count is not None:
        arrivals = f"Exactly {_counted(demand.arrivals.count, 'inspection')}"
    else:
        arrivals = f"{demand.arrivals.mean_per_day:.4g} inspections a day on average"
    return (
        f"{arrivals}, requested within {_span(cell.horizon_s)}. An inspection leaves when its report has "
        f"reached its site; what has not by {_span(cell.give_up_s)} counts as not reported."
    )


def _preparation(cell: Scenario, ran: Execution | None) -> str:
    belief = cell.belief
    mined = "What policies believe of radiologists is drawn around what is true."
    if belief is not None:
        origin = (
            f"the log `{Path(belief.log.file).name}`"
            if belief.log
            else "a stage simulated in the same worlds"
        )
        mined = (
            f"What policies believe of radiologists is mined from {origin}: frequencies by share of the "
            f"{belief.frequency}, what is usual weighing {belief.shrinkage:g} readings."
        )
    files = [f"- `{name}`, SHA-256 {digest}" for name, digest in (ran.inputs if ran else {}).items()]
    return "\n".join([mined, "", "Files read:", "", *files]) if files else mined


def _initialisation(cell: Scenario) -> str:
    start = f"{cell.regime.capitalize()}. Every run starts empty and idle"
    if cell.warmup_s:
        return (
            f"{start}; what is requested in the first {_span(cell.warmup_s)} is simulated and not measured."
        )
    return f"{start}; no warm-up is cut."


def _run(ran: Execution | None) -> dict[str, str]:
    """What only the manifest knows."""
    if ran is None:
        return {"replications": NOT_RUN, "software": NOT_RUN, "system": NOT_RUN, "commit": ""}
    packages = ", ".join(f"{name} {version}" for name, version in ran.packages.items() if version)
    spent = f" {ran.minutes:.3g} minutes of one worker." if ran.minutes is not None else ""
    return {
        "replications": f"{_counted(ran.replications, 'replication')}.",
        "software": f"Python {ran.python}; model version {ran.model_version}; {packages}.",
        "system": f"{ran.hardware or ran.platform}.{spent}",
        "commit": f", here at commit {ran.commit}" if ran.commit else "",
    }


def _ledger(sources: Iterable[Source], standing: Sequence[Provenance]) -> str:
    rows = [
        f"| `{one.place}` | {one.provenance} | {one.reason.replace('|', '/')} |"
        for one in sources
        if one.provenance in standing
    ]
    return "\n".join(["| place | standing | where from |", "| --- | --- | --- |", *rows]) if rows else "None."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _span(seconds: float) -> str:
    """In the largest unit that it is a whole number of, else in minutes."""
    for unit, name in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds % unit == 0:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / MINUTE:.4g} min"
