"""Images, recalls and the office as the domain knows them, held against the rest of the scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simgrid.codes import CodeTables
from simgrid.domain.administration import Administration, Appointments, Billing, Consumables
from simgrid.domain.imaging import ImagePool, Recall
from simgrid.domain.world import Acquisition
from simgrid.scenario.findings import Findings
from simgrid.scenario.installed import Installed
from simgrid.scenario.kinds import adds_up, known_modality
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_quality import AppointmentsSpec, BillingSpec, ConsumablesSpec

NEEDS_IMAGES = ("rules", "cnn", "rules+cnn", "surrogate")
"""Gates of ours that look at images, or stand for one that does."""


def build_imaging(
    spec: ScenarioSpec, codes: CodeTables, installed: Installed, findings: Findings
) -> dict[str, Any]:
    """What a ``Scenario`` is given of images, their acquisition and the office, by its own names."""
    return {
        "images": build_images(spec, installed, findings),
        "acquisition": build_acquisition(spec, codes, findings),
        "administration": build_administration(spec, codes, findings),
    }


def build_images(spec: ScenarioSpec, installed: Installed, findings: Findings) -> ImagePool | None:
    """The pool; None where no inspection has an image."""
    gate, images = spec.quality_gate, spec.images
    if images is None:
        if gate is not None and gate.name in NEEDS_IMAGES and gate.name not in spec.plug_ins:
            message = f"the gate {gate.name} judges images, and the scenario has none"
            findings.add("E102", ("quality_gate",), message, "add 'images: {source: pydicom}'")
        return None
    place, severity = ("images",), images.severity
    if severity.shares:
        adds_up(severity.shares, findings, (*place, "severity", "shares"))
    if not spec.defects:
        message = "no acquisition has a defect"
        findings.add("E110", place, message, "say how many have: 'defects: {any: 10 %}'")
    folder = findings.file_named((*place, "folder"), images.folder)
    if folder is not None and not folder.is_dir():
        findings.add(
            "E208", (*place, "folder"), f"{images.folder} is no folder", "name a folder of DICOM files"
        )
        return None
    levels = severity.levels
    pool = ImagePool(
        source=images.source,
        folder=None if folder is None else str(folder),
        weights=images.kinds,
        levels=levels,
        shares=severity.shares or tuple(1 / len(levels) for _ in levels),
        relevant=severity.relevant,
        looks=images.looks,
    )
    for sentence in installed.images(pool):
        message, _, way_out = sentence.partition(": ")
        findings.add("E208", place, message, way_out)
    return pool


def build_acquisition(spec: ScenarioSpec, codes: CodeTables, findings: Findings) -> Acquisition:
    """Scanner times, dose and recalls."""
    one = spec.acquisition
    for modality in one.dose:
        known_modality(modality, codes, findings, ("acquisition", "dose", modality))
    recall = one.recall
    if recall is not None:
        _one_way_back(spec, findings)
    return Acquisition(
        scan_s=one.scan,
        repeat_s=one.repeat,
        max_repeats=one.max_repeats,
        dose_msv=one.dose,
        recall=None if recall is None else Recall(recall.found, recall.notice, recall.delay, recall.most),
    )


def _one_way_back(spec: ScenarioSpec, findings: Findings) -> None:
    """Copies of images that a recall makes worthless are nowhere taken back, so nothing may keep any."""
    keeping: Sequence[tuple[bool, str]] = (
        (any(one.cache is not None for one in spec.sites.values()), "the caches of sites"),
        (any(one.cache is not None for one in spec.units.values()), "the caches of units"),
        (spec.grid.redundancy is not None, "grid.redundancy"),
        (spec.grid.index is not None, "grid.index"),
        (spec.grid.delivery is not None, "grid.delivery"),
        (spec.grid.viewer is not None, "grid.viewer"),
        (spec.grid.priors is not None, "grid.priors"),
    )
    found = [name for there, name in keeping if there]
    if found:
        message = f"a study that is taken again would leave its old images behind in {', '.join(found)}"
        way_out = "leave recall out, or these"
        findings.add("E110", ("acquisition", "recall"), message, way_out)


def build_administration(spec: ScenarioSpec, codes: CodeTables, findings: Findings) -> Administration | None:
    """The office; None where nobody counts its work."""
    office = spec.administration
    if office is None:
        return None
    if office.consumables is not None:
        place = ("administration", "consumables")
        for modality in office.consumables.use:
            known_modality(modality, codes, findings, (*place, "use", modality))
    return Administration(
        _appointments(office.appointments), _billing(office.billing), _consumables(office.consumables)
    )


def _appointments(one: AppointmentsSpec | None) -> Appointments | None:
    return None if one is None else Appointments(one.slot, one.bot, one.by_hand, one.by_bot)


def _billing(one: BillingSpec | None) -> Billing | None:
    if one is None:
        return None
    wrong = one.wrong_by_hand, one.wrong_by_bot
    return Billing(one.bot, one.by_hand, one.by_bot, *wrong, one.correction, one.correction_after)


def _consumables(one: ConsumablesSpec | None) -> Consumables | None:
    if one is None:
        return None
    return Consumables(
        use=one.use,
        initial=one.initial,
        reorder_at=one.reorder_at,
        quantity=one.quantity,
        lead_s=one.lead,
        bot=one.bot,
        count_every_s=one.count_every,
        count_s=one.count,
        order_s=one.order,
        bot_order_s=one.bot_order,
    )
