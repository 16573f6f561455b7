"""From codes to a kind of inspection: the one place where the code tables' entries are put together."""

from __future__ import annotations

from simgrid.codes.tables import CodeTables
from simgrid.domain.kind import Kind
from simgrid.domain.units import Megapixels


def kind_from_codes(
    codes: CodeTables, modality: str, body_part: str, icd10: str, image_megapixels: Megapixels | None = None
) -> Kind:
    """A kind with its entries in the code tables; the table's resolution unless another is given.

    :raises UnknownCodeError: for a code that they lack.
    """
    protocol = codes.protocol(modality, body_part)
    if image_megapixels is None:
        image_megapixels = codes.resolution(modality).megapixels
    return Kind(
        modality=modality,
        body_part=body_part,
        anatomy=codes.anatomy(body_part),
        icd10=icd10,
        disease=codes.disease(icd10),
        protocol=protocol.protocol,
        effort_points=protocol.effort_points,
        effort_min=protocol.reading_min,
        required_reading_min=protocol.reading_min,
        image_megapixels=image_megapixels,
    )
