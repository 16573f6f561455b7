"""A header against the standard's tables: what its kind of file must hold, and in which form.

header           START HERE: ``check_header``, one dataset to its findings
rules            every rule's name, severity, meaning, way out and source
requirements     which modules apply, merged to one tree of what is required
conditions       when a type 1C or 2C element is required: the decidable conditions, each with its section
condition_tests  the words in which those rows are written
groups           the functional groups that enhanced images must have
elements         values as they lie in the file, without conversion: nothing in here raises for contents
representation   values against their value representation and multiplicity
permitted        values against the standard's lists (``tables/enumerated_values.csv``)
image            what the elements that describe pixels and geometry say of each other
identity         file meta information, UIDs, SOP class against modality, laterality
compile_tables   makes ``tables/attributes.json``; ``tables/`` holds the standard's tables
"""

from simgrid.dicom.iod.header import check_header

__all__ = ["check_header"]
