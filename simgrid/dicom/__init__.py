"""DICOM headers in, plain attributes out. The only package that imports pydicom. Read ``read`` first."""
