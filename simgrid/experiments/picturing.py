"""Real images and further draws for the inspections of a world, where its scenario asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simgrid.domain.imaging import Chances, ImagePool
from simgrid.domain.inspection import Inspections
from simgrid.domain.scenario import Scenario
from simgrid.quality import gates
from simgrid.randomness import stream
from simgrid.workload.errors import WorkloadError


def pictured(scenario: Scenario, inspections: Inspections, replication: int) -> Inspections:
    """The inspections with all that happens to their images drawn; themselves where nothing is asked.

    The first acquisitions keep the draws that they had without images and recalls.
    """
    if not scenario.counts_images:
        return inspections
    rows, seed = len(inspections), scenario.seed
    wider = _wider(scenario, inspections, replication)
    recall = scenario.acquisition.recall
    most = 0 if recall is None else recall.most
    chances = Chances(
        noticed=stream(seed, replication, "noticed").random((rows, most)),
        record=stream(seed, replication, "billing-record").random(rows),
    )
    wider = replace(wider, chances=chances)
    return wider if scenario.images is None else _planted(scenario.images, scenario, wider, replication)


def _wider(scenario: Scenario, inspections: Inspections, replication: int) -> Inspections:
    """A draw for each acquisition that there can be."""
    more = scenario.acquisition.most - inspections.defect.shape[1]
    if more <= 0:
        return inspections
    rows, seed, share = len(inspections), scenario.seed, scenario.demand.defect_share
    by_kind = np.array([share.get(one.modality, 0.0) for one in inspections.kinds], dtype=np.float64)
    chance = stream(seed, replication, "further-defects").random((rows, more))
    defect = chance < (by_kind[inspections.kind] if rows else np.zeros(0))[:, None]
    luck = stream(seed, replication, "further-luck").random((rows, more))
    return replace(
        inspections,
        defect=np.concatenate([inspections.defect, defect], axis=1),
        luck=np.concatenate([inspections.luck, luck], axis=1),
    )


def _planted(rules: ImagePool, scenario: Scenario, inspections: Inspections, replication: int) -> Inspections:
    from simgrid.quality.planting import plant  # brings readers of images, which few scenarios need
    from simgrid.quality.pool import PoolError, pool

    try:
        images = pool(rules.source, rules.folder)
    except PoolError as error:
        raise WorkloadError([str(error)]) from error
    modality = inspections.labels("modality")
    drawn = plant(rules, images, modality, inspections.defect, scenario.seed, replication)
    return replace(inspections, pictures=drawn[0], defect=drawn[1])


def images_read(scenario: Scenario) -> Mapping[str, str]:
    """SHA-256 of the images, and of what the gate reads, by name; nothing where neither is there.

    :raises WorkloadError: images or the gate's files cannot be read.
    """
    found: dict[str, str] = {}
    rules = scenario.images
    if rules is not None:
        from simgrid.quality.pool import PoolError, pool

        try:
            found[f"images {rules.source if rules.folder is None else 'folder'}"] = pool(
                rules.source, rules.folder
            ).digest
        except PoolError as error:
            raise WorkloadError([str(error)]) from error
    try:
        return {**found, **gates.inputs(scenario.gate)}
    except OSError as error:
        raise WorkloadError(
            [f"the gate '{scenario.gate.name}' reads a file that cannot be read: {error}"]
        ) from error
