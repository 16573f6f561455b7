"""The shell of a page: everything but what it tells."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from simgrid.presentation.html.elements import Html, element, escaped
from simgrid.presentation.html.style import STYLE

LARGEST_BYTES = 1_000_000


class PageTooLarge(ValueError):
    """A page that would be slow to open and to send."""


def page(title: str, *parts: Html, provenance: Mapping[str, str]) -> str:
    """A whole page as text, the same for the same input: header, what it tells, and what it was made from.

    Its policy allows this style sheet, by its hash, pictures that are in the page itself if it has any, and
    nothing else: no script, no address, no form.

    :raises PageTooLarge: above 1 MB.
    """
    body = (
        element("a", "To the content", href="#content", class_="skip"),
        element("header", element("h1", title)),
        element("main", *parts, id="content"),
        _footer(provenance),
    )
    drawn = any("<img " in part.source for part in parts)  # in text it would be escaped
    text = "".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(STYLE, drawn)}">\n',
            '<meta name="referrer" content="no-referrer">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            "\n".join(part.source for part in body),
            "\n</body>\n</html>\n",
        ]
    )
    if len(text.encode()) > LARGEST_BYTES:
        raise PageTooLarge(
            f"the page '{title}' has {len(text.encode())} bytes, at most {LARGEST_BYTES} are sent"
        )
    return text


def _policy(style: str, drawn: bool) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    pictures = " img-src data:;" if drawn else ""
    return f"default-src 'none'; style-src 'sha256-{digest}';{pictures} base-uri 'none'; form-action 'none'"


def _footer(provenance: Mapping[str, str]) -> Html:
    entries = [
        part for name, text in provenance.items() for part in (element("dt", name), element("dd", text))
    ]
    return element("footer", element("h2", "What this was made from"), element("dl", *entries))
