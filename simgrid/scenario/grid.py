"""The grid's systems as the domain knows them."""

from __future__ import annotations

from simgrid.domain.desk_rules import DeskRules, SessionSpeedUp
from simgrid.domain.feedback import Feedback
from simgrid.domain.grid import Agents, Grid, Retry, TransferRules
from simgrid.domain.units import BITS_PER_BYTE
from simgrid.scenario.copies import build_index, build_redundancy
from simgrid.scenario.findings import Findings
from simgrid.scenario.images import build_priors, build_viewer
from simgrid.scenario.links import failures
from simgrid.scenario.platform import build_monitoring
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_grid import AgentsSpec, ReadingSpec, TransfersSpec


def build_grid(whole: ScenarioSpec, findings: Findings) -> Grid:
    """Every system that the file declares; the others are off."""
    spec = whole.grid
    return Grid(
        transfers=None if spec.transfers is None else _transfers(spec.transfers),
        agents=None if spec.agents is None else _agents(spec.agents),
        reading=None if spec.reading is None else _reading(spec.reading),
        feedback=None if spec.feedback is None else Feedback(spec.feedback.every, spec.feedback.weight),
        redundancy=build_redundancy(whole, findings),
        index=build_index(spec.index),
        monitoring=build_monitoring(spec.monitoring),
        delivery=spec.delivery,
        viewer=build_viewer(spec.viewer),
        priors=build_priors(whole, findings),
    )


def _transfers(spec: TransfersSpec) -> TransferRules:
    packed = spec.compression
    return TransferRules(
        streams=float(spec.streams),
        cap_bps=spec.cap,
        latency_s=spec.latency,
        image_latency_s=spec.per_image,
        overhead=spec.overhead,
        compression=1.0 if packed is None else packed.ratio,
        compression_bytes_s=float("inf")
        if packed is None or packed.speed is None
        else packed.speed / BITS_PER_BYTE,
        broken=spec.broken,
        retry=Retry(spec.retry.first, spec.retry.factor, spec.retry.most),
    )


def _agents(spec: AgentsSpec) -> Agents:
    return Agents(
        receive_s=spec.receive,
        message_s=spec.message,
        message_bytes=spec.message_size,
        transfer_workers=spec.transfer_workers,
        import_workers=spec.import_workers,
        delete_workers=spec.delete_workers,
        ageing_s=float("inf") if spec.ageing is None else spec.ageing,
        faults=failures(spec.faults),
    )


def _reading(spec: ReadingSpec) -> DeskRules:
    session = spec.session
    return DeskRules(
        end_of_shift=spec.end_of_shift,
        interruption=spec.interruption,
        resume_s=spec.resume,
        session=None if session is None else SessionSpeedUp(session.speed_up, session.within),
    )
