"""What the image-quality bot shows a person: a page for each file, and an overview that names nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from simgrid import __version__
from simgrid.presentation.html.elements import Html, Part, element, table
from simgrid.presentation.html.page import page
from simgrid.presentation.html.pictures import picture, png
from simgrid.quality.bot.seams import FileReport, Gray, IndexRow
from simgrid.quality.check import LISTED, Checked, word
from simgrid.quality.opinion import WORST_FIRST

ROWS_A_PAGE = 60
_SAYS = {
    "accept": "Fit to be read.",
    "accept-with-note": "Fit to be read; something was noticed.",
    "repeat": "Take it again while the patient is still there.",
    "reject": "Not usable as it is.",
    "abstain": "Nobody has judged it: a person has to look.",
}
_SEVERITIES = {"error": 0, "warning": 1, "note": 2}


class QualityPages:
    """Pages in the shell that all our pages share."""

    def picture(self, gray: Gray) -> bytes:
        """A PNG."""
        return png(gray)

    def file_page(self, report: FileReport) -> str:
        """The page of one file: verdict, pictures, defects, findings, what was done."""
        return file_page(report)

    def index_pages(self, rows: Sequence[IndexRow]) -> Mapping[str, str]:
        """File name to page, 60 files on each."""
        return index_pages(rows)


def file_page(report: FileReport) -> str:
    """The page of one file."""
    checked = report.checked
    verdict = _SAYS[checked.verdict] if checked.status == "judged" else "No image that can be read."
    parts = [
        element("p", f"{_word(checked)}. {verdict}", class_="verdict"),
        *([element("p", checked.reason)] if checked.reason else []),
        *_pictures(report),
        *_defects(checked),
        *_findings(checked),
        element("h2", "What was done"),
        table("Steps", ("step", "what came of it"), [_step(*one) for one in report.steps], "steps"),
    ]
    return page(f"Image quality of {checked.path}", *parts, provenance=_provenance())


def index_pages(rows: Sequence[IndexRow]) -> dict[str, str]:
    """The overview: what needs a person first, the rest behind."""
    order: dict[str, int] = {verdict: number for number, verdict in enumerate(WORST_FIRST)}
    ordered = sorted(rows, key=lambda one: (_listed(one), order[_verdict(one)], one.file))
    pieces = [ordered[at : at + ROWS_A_PAGE] for at in range(0, len(ordered), ROWS_A_PAGE)] or [[]]
    pages = {}
    for number, piece in enumerate(pieces, start=1):
        of = f", page {number} of {len(pieces)}" if len(pieces) > 1 else ""
        name = "index.html" if number == 1 else f"index-{number}.html"
        pages[name] = page(
            f"Image quality{of}",
            element("p", _summary(rows), class_="answer"),
            element("p", _HOW),
            *([element("p", *_others(number, len(pieces)))] if len(pieces) > 1 else []),
            table("Files", _COLUMNS, [_row(one) for one in piece], "files"),
            provenance=_provenance(),
        )
    return pages


_COLUMNS = ("file", "picture", "verdict", "reason", "likeliest defect", "findings")
_HOW = (
    "A file is called by a pseudonym of its content. Whoever has the inbox and the salt finds its name with "
    "'simgrid qa bot INBOX -o OUT --names'."
)


def _row(one: IndexRow) -> tuple[Part, ...]:
    link = element("a", one.file, href=f"{one.folder}/report.html", class_="whole")
    shown: Part = picture(one.thumbnail, f"{one.file}, small") if one.thumbnail else "none"
    said = word(one.status, one.verdict)
    cell = element("span", said, class_="whole changed" if said in ("reject", "repeat") else "whole")
    reason = element("span", one.reason, class_="says")
    likeliest = element("span", one.worst or "none", class_="whole")
    return (link, shown, cell, reason, likeliest, str(one.findings))


def _summary(rows: Sequence[IndexRow]) -> str:
    counts = Counter(word(one.status, one.verdict) for one in rows)
    parts = [f"{counts[name]} {name}" for name in (*WORST_FIRST, LISTED) if counts[name]]
    return f"{len(rows)} file{'s'[: len(rows) != 1]}: {', '.join(parts) or 'none yet'}."


def _others(number: int, many: int) -> list[Part]:
    names = [f"index-{one}.html" if one > 1 else "index.html" for one in range(1, many + 1)]
    links = [
        element("a", f"page {one}", href=name) for one, name in enumerate(names, start=1) if one != number
    ]
    return ["Further files: ", *(part for link in links for part in (link, " "))]


def _listed(one: IndexRow) -> bool:
    return word(one.status, one.verdict) == LISTED


def _verdict(one: IndexRow) -> str:
    return one.verdict or "abstain"


def _pictures(report: FileReport) -> list[Html]:
    if not report.pictures:
        return [element("p", "No picture is shown: there is none, or text drawn into it might name someone.")]
    drawn = [
        element("div", picture(png(one.gray), one.says), element("p", one.says)) for one in report.pictures
    ]
    return [element("div", *drawn, class_="pictures")]


def _defects(checked: Checked) -> list[Html]:
    judged = [(name, one) for name, one in checked.defects.items() if one.probability is not None]
    if not judged:
        return []
    ordered = sorted(judged, key=lambda pair: -(pair[1].probability or 0.0))
    rows = [(name, _number(one.probability), _number(one.severity)) for name, one in ordered]
    meaning = (
        "Severity is the damage to the image, 0 none and 1 all of it. Of several, as in the worst quarter."
    )
    columns = ("defect", "probability", "severity")
    return [element("h2", "Defects"), element("p", meaning), table("Defects", columns, rows, "defects")]


def _findings(checked: Checked) -> list[Html]:
    if not checked.findings:
        return [element("h2", "Findings"), element("p", "None.")]
    ordered = sorted(checked.findings, key=lambda one: _SEVERITIES[one.severity])
    rows = [
        (
            one.severity,
            element("span", one.message, class_="says"),
            _lines(*(element("span", part, class_="whole") for part in (one.place, one.tag) if part)),
            element("span", one.rule, class_="whole"),
        )
        for one in ordered
    ]
    columns = ("severity", "what is wrong", "where", "rule")
    return [element("h2", "Findings"), table("Findings", columns, rows, "findings")]


def _step(name: str, told: str) -> tuple[Part, ...]:
    return (element("span", name, class_="whole"), element("span", told, class_="says"))


def _lines(*parts: Html) -> Html:
    return element("div", *(part for one in parts for part in (one, element("br"))))


def _word(checked: Checked) -> str:
    return word(checked.status, checked.verdict).replace("-", " ").capitalize()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _provenance() -> dict[str, str]:
    return {
        "made by": f"simgrid-telerad {__version__}, simgrid qa bot",
        "identity": "removed: no name, number, date or UID of a patient is on this page",
        "use": "a research tool and no medical device",
    }
