"""What an inspection can be waiting for, or be worked on for, in the order of the journey."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of time: its name in files, what tables call it, and whether it is work or waiting."""

    name: str
    title: str
    work: bool = False


KINDS: tuple[Part, ...] = (
    Part("before", "before the backlog was taken up"),
    Part("recall", "waiting for the patient to come again"),
    Part("scanner", "waiting for a scanner"),
    Part("set", "waiting for a set of material"),
    Part("scan", "scanning", work=True),
    Part("repeat", "scanning again", work=True),
    Part("gate", "quality gate", work=True),
    Part("upload-room", "waiting for room in the site's cache"),
    Part("upload-agent", "with the site's agent and the archive"),
    Part("upload-down", "upload held up by an outage"),
    Part("upload-line", "sharing the line up"),
    Part("upload", "transfer to the data centre", work=True),
    Part("decision", "waiting for the decision"),
    Part("undecided", "passed over by the policy"),
    Part("nobody", "nobody was rostered"),
    Part("delivery-room", "waiting for room at the unit"),
    Part("delivery-agent", "with the archive and the unit's agent"),
    Part("delivery-down", "delivery held up by an outage"),
    Part("delivery-line", "sharing the line to the unit"),
    Part("delivery", "transfer to the unit", work=True),
    Part("off-duty", "her hours had not begun"),
    Part("others", "behind others at the desk"),
    Part("urgent-first", "laid aside for others"),
    Part("seat", "waiting for a workstation or monitor"),
    Part("duties", "her other duties"),
    Part("images", "open, waiting for images or priors"),
    Part("in-vain", "looked at in vain", work=True),
    Part("reading", "reading", work=True),
    Part("report-agent", "report with the agents"),
    Part("report-down", "report held up by an outage"),
    Part("report-line", "report sharing the line"),
    Part("report", "transfer of the report", work=True),
)
"""Every kind there is."""

BY_NAME = {part.name: part for part in KINDS}
