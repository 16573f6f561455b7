"""What there was in a stored run at one moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from simgrid.domain.backlog import Backlog
from simgrid.domain.observer import Observer
from simgrid.experiments.resimulation import Found, Wanted, again, find
from simgrid.scenario import Loaded


class NotInRun(ValueError):
    """A moment that the run did not live to see, or systems whose state no backlog holds."""


def snapshot_of(
    folder: Path, wanted: Wanted, at: datetime, load: Callable[[Path], Loaded]
) -> tuple[Found, Backlog]:
    """The run, and all that there was in it before anything else happened at that moment.

    ``at`` without an offset is local time of the scenario. Raises as ``resimulation.find`` and ``again``, and
    ``NotInRun``.
    """
    found = find(folder, wanted, load)
    scenario = found.scenario
    local = at.replace(tzinfo=scenario.start.tzinfo) if at.tzinfo is None else at
    at_s = local.timestamp() - scenario.start.timestamp()
    if not 0 <= at_s < scenario.horizon_s:
        ends = datetime.fromtimestamp(scenario.start.timestamp() + scenario.horizon_s, scenario.start.tzinfo)
        raise NotInRun(
            f"{at} is not within the run: it begins {scenario.start:%Y-%m-%d %H:%M} and takes requests until "
            f"{ends:%Y-%m-%d %H:%M}"
        )
    systems = [
        name
        for name in ("redundancy", "index", "priors", "viewer", "delivery")
        if getattr(scenario.grid, name)
    ]
    systems += (
        ["cache"]
        if any([*(one.cache for one in scenario.sites), *(one.cache for one in scenario.units)])
        else []
    )
    systems += ["images, administration or recall"] if _counts(found) else []
    if systems:
        raise NotInRun(f"a backlog does not hold the state of {', '.join(systems)}: take it of a run without")
    seen: list[Backlog] = []
    again(found, Observer(snapshot=(at_s, seen.append)))
    return found, seen[0] if seen else Backlog(at_s, ())


def _counts(found: Found) -> bool:
    scenario = found.scenario
    return any(
        one is not None for one in (scenario.images, scenario.administration, scenario.acquisition.recall)
    )
