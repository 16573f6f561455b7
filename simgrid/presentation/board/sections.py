"""A section of the report: a heading, what it shows, and whether it goes to paper."""

from __future__ import annotations

from simgrid.presentation.html.elements import Html, Part, element


def section(identifier: str, heading: str, *parts: Part, printed: bool = True) -> Html:
    """A named section; one that is not printed is for the screen only."""
    return element(
        "section",
        element("h2", heading, id=f"{identifier}-heading"),
        *parts,
        id=identifier,
        class_="part" if printed else "part screen",
        aria_labelledby=f"{identifier}-heading",
    )


def note(*parts: Part) -> Html:
    """A line of explanation."""
    return element("p", *parts, class_="note")
