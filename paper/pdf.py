"""Markdown to PDF without LaTeX: pandoc makes Typst of it, Typst sets it.

Both come as Python packages (extra ``paper``). Pandoc is GPL and typst Apache-2.0: they build a document, and
neither is part of simgrid nor needed to run it.
"""

from __future__ import annotations

from pathlib import Path

from paper.stored import ROOT

PAPER = ROOT / "paper"


def to_typst(article: Path) -> str:
    """Typst source of a Markdown article, citations resolved."""
    import pypandoc

    arguments = [
        "--standalone",
        "--citeproc",
        f"--resource-path={PAPER}",
        f"--template={PAPER / 'layout.typ'}",
        f"--bibliography={PAPER / 'references.bib'}",
    ]
    return str(
        pypandoc.convert_file(str(article), "typst-citations", format="markdown", extra_args=arguments)
    )


def to_pdf(article: Path) -> bytes:
    """The article as PDF; paths of its figures are told from its own folder."""
    return _compiled(article, "pdf")[0]


def to_pages(article: Path) -> list[bytes]:
    """The same pages as PNG, to be looked at."""
    return _compiled(article, "png")


def _compiled(article: Path, kind: str) -> list[bytes]:
    import typst

    source = article.with_suffix(".typ")
    source.write_text(to_typst(article), encoding="utf-8")
    try:
        made = typst.compile(str(source), root=str(ROOT), format=kind, ppi=110)
    finally:
        source.unlink()
    return [made] if isinstance(made, bytes) else list(made)
