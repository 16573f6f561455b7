"""The places of a scenario, each with its own connection."""

from __future__ import annotations

from simgrid.domain.network import Client, DataCentre
from simgrid.domain.reporting_unit import ReportingUnit, SharedMonitors
from simgrid.domain.site import Site
from simgrid.scenario.copies import build_cache
from simgrid.scenario.links import access
from simgrid.scenario.platform import build_platform, build_streaming
from simgrid.scenario.schema import ScenarioSpec, UnitSpec


def build_sites(spec: ScenarioSpec) -> tuple[Site, ...]:
    """The imaging sites, in the order written."""
    return tuple(
        Site(key, access(one.link), one.scanners, build_cache(one.cache)) for key, one in spec.sites.items()
    )


def build_units(spec: ScenarioSpec) -> tuple[ReportingUnit, ...]:
    """The reporting units, in the order written."""
    return tuple(_unit(key, one) for key, one in spec.units.items())


def _unit(name: str, spec: UnitSpec) -> ReportingUnit:
    shared = spec.monitors
    return ReportingUnit(
        name,
        access(spec.link),
        spec.storage,
        spec.workstations,
        spec.monitor or 0.0,
        None if shared is None else SharedMonitors(shared.count, shared.megapixels),
        build_cache(spec.cache),
    )


def build_clients(spec: ScenarioSpec) -> tuple[Client, ...]:
    """The clients that retrieve, in the order written."""
    return tuple(
        Client(
            key,
            access(one.link),
            one.retrievals,
            one.size.build(),
            float("inf") if one.of_last is None else one.of_last,
            build_streaming(one.streaming),
        )
        for key, one in spec.clients.items()
    )


def build_data_centre(spec: ScenarioSpec) -> DataCentre:
    """The data centre."""
    return DataCentre(access(spec.data_centre.link), platform=build_platform(spec.data_centre.platform))
