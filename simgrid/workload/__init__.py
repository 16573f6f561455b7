"""WHERE INSPECTIONS COME FROM: synthetic arrivals and real DICOM folders. Read ``synthetic`` first."""
