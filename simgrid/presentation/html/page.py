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


def page(title: str, *parts: Html, provenance: Mapping[str, str], style: str = "", script: str = "") -> str:
    """A whole page as text, the same for the same input: header, what it tells, and what it was made from.

    ``style`` and ``script`` are ours, never made of anybody's names: rules after those of all pages, and the
    one script of the page. The page's policy allows the style sheet and that script by their hashes, pictures
    that are in the page itself if it has any, and nothing else: no address, no form that is sent.

    :raises PageTooLarge: above 1 MB.
    """
    style = STYLE + style
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
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script, drawn)}">\n',
            '<meta name="referrer" content="no-referrer">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n",
            "\n".join(part.source for part in body),
            f"\n<script>{script}</script>" if script else "",
            "\n</body>\n</html>\n",
        ]
    )
    if len(text.encode()) > LARGEST_BYTES:
        raise PageTooLarge(
            f"the page '{title}' has {len(text.encode())} bytes, at most {LARGEST_BYTES} are sent"
        )
    return text


def _policy(style: str, script: str, drawn: bool) -> str:
    scripts = f" script-src {_digest(script)};" if script else ""
    pictures = " img-src data:;" if drawn else ""
    ends = "base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; style-src {_digest(style)};{scripts}{pictures} {ends}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _footer(provenance: Mapping[str, str]) -> Html:
    entries = [
        part for name, text in provenance.items() for part in (element("dt", name), element("dd", text))
    ]
    return element("footer", element("h2", "What this was made from"), element("dl", *entries))
