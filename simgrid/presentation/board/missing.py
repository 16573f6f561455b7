"""What the report has no data for, and the command or the lines that make it."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.presentation.html.elements import Html, element, table


def missing_section(absent: dict[str, str]) -> Iterator[Html]:
    """``absent``: a part of the report, and what makes it. Nothing where all is there."""
    if absent:
        rows = [(name, element("span", how, class_="says")) for name, how in absent.items()]
        drawn = table("Not in this report", ("What", "What makes it"), rows, "missing-table")
        yield element(
            "section",
            element("details", element("summary", "What this report leaves out, and what makes it"), drawn),
            class_="part screen",
            id="missing",
        )


HOW = {
    "study": "simgrid run FILE, and its folder among those of simgrid report",
    "targets": "targets: in the scenario, such as urgent: {of: urgency=urgent, within: 60 min, share: 95 %}",
    "what if": "sweep: in the scenario, such as radiologists.evening.count: [2, 3, 4, 5]; then simgrid run",
    "what would change our mind": "a sweep in which each input moves while the others stay as they are",
    "what more money buys": "costs: in the scenario, and simgrid plan FILE, or a sweep",
    "when it is late": "groups: [urgency, hour] in the scenario; then simgrid run",
    "what breaks first": "simgrid stress FILE, and its folder among those of simgrid report",
    "where the lines are busy": "groups: [link, hour] and grid.monitoring in the scenario; then simgrid run",
    "what it rests on": "a folder with its scenario: simgrid run FILE keeps it",
}
