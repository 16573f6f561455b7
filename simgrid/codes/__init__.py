"""The code tables: effort, reading minutes, ICD-10 compatibility, image resolution, with provenance.

Read ``tables`` for what can be looked up, ``reading`` for the columns of each file. The default tables are
CSV files in ``tables/``; every figure says whether it is stated, derived or assumed, and after what. A
user's folder replaces them file by file. Standard library only; knows neither domain nor rating.
"""

from simgrid.codes.errors import CodeTableError, TableProblem, UnknownCodeError
from simgrid.codes.reading import TABLES, icd10_category, plain_term
from simgrid.codes.records import (
    PROVENANCE,
    BodyPart,
    Compatibility,
    Components,
    Diagnosis,
    DicomTerm,
    Origin,
    Protocol,
    Resolution,
    StudySize,
)
from simgrid.codes.tables import CodeTables

__all__ = [
    "PROVENANCE",
    "TABLES",
    "BodyPart",
    "CodeTableError",
    "CodeTables",
    "Compatibility",
    "Components",
    "Diagnosis",
    "DicomTerm",
    "Origin",
    "Protocol",
    "Resolution",
    "StudySize",
    "TableProblem",
    "UnknownCodeError",
    "icd10_category",
    "plain_term",
]
