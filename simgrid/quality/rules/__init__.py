"""Headers against pixels, and files against each other; a header alone is for ``simgrid.dicom.iod``.

names        every rule: its severity, meaning and way out
consistency  START HERE: one file's header against its planes
body_part    the body part that is named against what is seen
series       the files of a folder: duplicate identities, slices missing, doubled or uneven
"""
