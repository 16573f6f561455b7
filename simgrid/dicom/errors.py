"""What can be wrong with a folder of DICOM files as a whole (single files are listed, never raised)."""

from __future__ import annotations


class DicomFolderError(ValueError):
    """A folder that cannot be read at all, or that holds no study to work with."""
