"""THE REPORT THAT TRAVELS: one HTML file that a board opens by double click; it asks nothing of a network.

START HERE: ``making.report`` makes the whole page of what ``given`` read from results folders. ``judging``
holds every cell against the targets, ``answer`` says it in one sentence, and each section has a module of its
own that gives nothing where its data is absent. It computes no runs.
"""
