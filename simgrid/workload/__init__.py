"""WHERE INSPECTIONS COME FROM: synthetic arrivals and real DICOM folders. Read ``synthetic`` first.

``arrivals`` says when and where, ``case_mix`` what, ``compose`` puts both together; ``dicom_archive`` draws
from real studies instead, which ``study_kinds`` places in the code tables.
"""
