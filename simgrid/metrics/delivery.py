"""How long the images travelled: seconds of single inspections, shape (S,); NaN where there is no report."""

import numpy as np

from simgrid.domain.journal import InspectionRecords
from simgrid.domain.units import FloatArray


def transfer_s(inspections: InspectionRecords) -> FloatArray:
    """Upload (site to data centre) plus delivery (data centre to unit), waiting for a worker included."""
    upload = inspections.uploaded_s - inspections.acquired_s
    delivery = inspections.delivered_s - inspections.assigned_s
    return np.where(np.isnan(inspections.reported_s), np.nan, upload + delivery)
