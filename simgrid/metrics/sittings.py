"""When each radiologist had a study open: from its opening to its end, without the pauses."""

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.units import FloatArray, IntArray


def sittings(journal: Journal) -> tuple[IntArray, FloatArray, FloatArray]:
    """Radiologist, beginning and end in seconds of every sitting, by radiologist and time, shape (N,) each.

    A study that is open when the run ends is so until then. Who never has two open gets each beginning with
    its own end; otherwise an end comes after the next beginning.
    """
    inspections, desks = journal.inspections, journal.grid.desks
    was_opened, was_read = ~np.isnan(inspections.opened_s), ~np.isnan(inspections.read_s)
    opened_s = np.maximum(inspections.opened_s, journal.began_s)
    begins = [(inspections.radiologist[was_opened], opened_s[was_opened])]
    read_s = np.maximum(inspections.read_s, journal.began_s)
    ends = [(inspections.radiologist[was_read], read_s[was_read])]
    still_open = was_opened & ~was_read
    if journal.quality is not None:
        back_for_images = journal.quality.sent_back
        begins.append((back_for_images.radiologist, back_for_images.opened_s))
        ends.append((back_for_images.radiologist, back_for_images.at_s))
    if desks is not None:
        aside = np.array([kind != "handed-over" for kind in desks.kind], dtype=np.bool_)
        back = aside & ~np.isnan(desks.until_s)
        begins.append((desks.radiologist[back], desks.until_s[back]))
        ends.append((desks.radiologist[aside], desks.at_s[aside]))
        still_open[desks.inspection[aside & ~back]] = False
    readers = inspections.radiologist[still_open]
    ends.append((readers, np.full(len(readers), journal.ended_s)))
    who, began = _by_reader(begins)
    return who, began, _by_reader(ends)[1]


def _by_reader(parts: list[tuple[IntArray, FloatArray]]) -> tuple[IntArray, FloatArray]:
    who = np.concatenate([one for one, _ in parts])
    at_s = np.concatenate([one for _, one in parts])
    order = np.lexsort((at_s, who))
    return who[order], at_s[order]
