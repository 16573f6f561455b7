"""Pages are inert: whatever names hold, nothing runs, nothing is fetched, nothing turns the text round."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from simgrid.presentation.html.elements import element, escaped, table
from simgrid.presentation.html.page import LARGEST_BYTES, PageTooLarge, page

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)",
    "&lt;b&gt; &#60;",
    "\u202egnp.exe",
    "-->]]><!--",
    "javascript:alert(1)",
)


class _Seen(HTMLParser):
    """Every element and attribute that a reader of HTML finds, and the text outside of the style."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def seen(text: str) -> _Seen:
    reader = _Seen()
    reader.feed(text)
    reader.close()
    return reader


def a_page(name: str) -> str:
    return page(
        name,
        element("p", name, title=name),
        table(name, [name, "b"], [[name, name]], "t"),
        provenance={name: name},
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    found, harmless = seen(a_page(name)), seen(a_page("name"))
    assert found.tags == harmless.tags
    assert [key for key, _ in found.attributes] == [key for key, _ in harmless.attributes]
    assert "".join(found.text).count(name.replace("\u202e", "[U+202E]")) == 9
    assert "\u202e" not in a_page(name)


def test_names_from_right_to_left_stay_readable() -> None:
    assert escaped("שלום") == "שלום"
    assert escaped("a\u2066b\x00c\u200f") == "a[U+2066]b[U+0000]c[U+200F]"


def test_the_policy_allows_the_style_sheet_by_its_hash_and_nothing_else() -> None:
    text = a_page("name")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert text.index("Content-Security-Policy") < text.index("<style>")
    found = seen(text)
    assert not {"script", "link", "img", "iframe", "form", "object", "base"} & set(found.tags)
    assert not [key for key, _ in found.attributes if key in ("style", "src") or key.startswith("on")]
    assert "url(" not in style[1]
    assert "@import" not in style[1]


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("td", {"style": "color: red"}),
        ("td", {"onclick": "alert(1)"}),
        ("a", {"href": "https://example.org"}),
        ("a", {"href": "javascript:alert(1)"}),
        ("script src=x", {}),
        ("script", {}),
    ],
)
def test_what_the_policy_would_refuse_is_refused_when_it_is_written(tag: str, attributes: dict) -> None:
    with pytest.raises(ValueError, match=r"no element|no attribute|leads out"):
        element(tag, "x", **attributes)


def test_tables_can_be_read_aloud_and_scrolled_by_keyboard() -> None:
    text = table("Claims", ["a", "b"], [["1", "2"]], "claims").source
    assert 'role="region" tabindex="0" aria-labelledby="claims"' in text
    assert '<caption id="claims">Claims</caption>' in text
    assert text.count('scope="col"') == 2
    assert '<th scope="row">1</th><td>2</td>' in text


def test_a_page_that_is_too_large_is_refused() -> None:
    with pytest.raises(PageTooLarge, match="at most"):
        page("t", element("p", "x" * LARGEST_BYTES), provenance={})
