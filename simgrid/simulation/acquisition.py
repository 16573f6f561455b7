"""At the imaging site: scanners, and the quality gate that each acquisition passes before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import simpy

from simgrid.domain.decision import ImageReference, QualityGate
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK, Inspections
from simgrid.domain.units import BoolArray, IntArray
from simgrid.domain.world import Acquisition
from simgrid.simulation.recorder import Event, Recorder


class Scanners:
    """One pool a site. A repeat keeps the scanner, so the next patient waits for it."""

    def __init__(
        self,
        env: simpy.Environment,
        inspections: Inspections,
        pools: tuple[int, ...],
        times: Acquisition,
        gate: QualityGate,
        recorder: Recorder,
        then: Callable[[int], None],
    ) -> None:
        self._env = env
        self._inspections = inspections
        self._times = times
        self._gate = gate
        self._recorder = recorder
        self._then = then
        self._queues = [simpy.Store(env) for _ in pools]
        self.repeats: IntArray = np.zeros(len(inspections), dtype=np.int64)
        self.defect_missed: BoolArray = np.zeros(len(inspections), dtype=np.bool_)
        for queue, scanners in zip(self._queues, pools, strict=True):
            for _ in range(scanners):
                env.process(self._scanner(queue))

    def acquire(self, row: int) -> None:
        """Queue the inspection at its site."""
        self._queues[self._inspections.site[row]].put(row)

    def _scanner(self, queue: simpy.Store) -> Generator[simpy.Event, Any, None]:
        while True:
            row = yield queue.get()
            if self._times.scan_s:
                yield self._env.timeout(self._times.scan_s)
            for attempt in range(self._times.max_repeats + 1):
                image = self._image(row, attempt)
                verdict = self._gate.judge(image)
                if verdict.took_s:
                    yield self._env.timeout(verdict.took_s)
                wanted = verdict.verdict in ("repeat", "reject")
                if not wanted or attempt == self._times.max_repeats:
                    self.defect_missed[row] = image.defective
                    break
                self.repeats[row] += 1
                self._recorder.event(Event.REPEATED, row, self._env.now, attempt)
                yield self._env.timeout(self._times.repeat_s)
            self._then(row)

    def _image(self, row: int, attempt: int) -> ImageReference:
        kind = self._inspections.kinds[self._inspections.kind[row]]
        seen = min(attempt, GATE_ATTEMPTS - 1)
        return ImageReference(
            inspection=row,
            modality=kind.modality,
            body_part=kind.body_part,
            attempt=attempt,
            defective=bool(self._inspections.defect[row, seen]),
            luck=float(self._inspections.luck[row, POLICY_LUCK + seen]),
        )
