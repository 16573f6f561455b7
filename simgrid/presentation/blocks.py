"""Tables before they become text: a title, columns, rows, and the notes a reader needs."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

GAP = "  "
INDENT = "  "


@dataclass(frozen=True, slots=True)
class Block:
    """One table or paragraph. The first ``keys`` columns name the row and are repeated when it is split.

    A heading may have several lines. Without columns the block is its title and notes.
    """

    title: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    keys: int = 1


def as_text(blocks: list[Block], width: int = 80) -> str:
    """Plain text no wider than ``width``.

    A table that is too wide has its first column as sub-headings, where that is enough, else continues below
    with its first columns.
    """
    return "\n\n".join(_block_text(block, width) for block in blocks) + "\n"


def as_markdown(blocks: list[Block]) -> str:
    """GitHub-flavoured Markdown."""
    return "\n\n".join(_block_markdown(block) for block in blocks) + "\n"


def _block_text(block: Block, width: int) -> str:
    tables = _tables(block, width) if block.headings else []
    notes = [line for note in block.notes for line in _wrapped(note, width)]
    title = "\n".join(_wrapped(block.title, width))
    if not tables:
        return "\n".join([title, *notes])
    return "\n\n".join([title, *tables, *(["\n".join(notes)] if notes else [])])


def _tables(block: Block, width: int) -> list[str]:
    every = list(range(len(block.headings)))
    without_first = len(INDENT) + sum(_width(block, column) + len(GAP) for column in every[1:]) - len(GAP)
    too_wide = without_first + _width(block, 0) + len(GAP) - len(INDENT) > width
    repeats = len({row[0] for row in block.rows}) < len(block.rows)
    if too_wide and block.keys > 1 and repeats and without_first <= width:
        return [_grouped(block, every[1:])]
    return [_table(block, columns) for columns in _columns_that_fit(block, width)]


def _grouped(block: Block, columns: list[int]) -> str:
    """The first column's values as lines of their own, above the rows that share them."""
    lines = _table(block, columns).split("\n")
    head, body = lines[: -len(block.rows)], lines[-len(block.rows) :]
    told = [INDENT + line for line in head]
    for place, line in enumerate(body):
        if place == 0 or block.rows[place][0] != block.rows[place - 1][0]:
            told.append(block.rows[place][0])
        told.append(INDENT + line)
    return "\n".join(told)


def _columns_that_fit(block: Block, width: int) -> list[list[int]]:
    """Which columns stand beside each other, key columns first in every group."""
    keys = list(range(block.keys))
    room = width + len(GAP) - sum(_width(block, column) + len(GAP) for column in keys)
    groups: list[list[int]] = []
    left = 0
    for column in range(block.keys, len(block.headings)):
        need = _width(block, column) + len(GAP)
        if not groups or need > left:
            groups.append([*keys])
            left = room
        groups[-1].append(column)
        left -= need
    return groups or [keys]


def _width(block: Block, column: int) -> int:
    lines = [*block.headings[column].split("\n"), *(row[column] for row in block.rows)]
    return max(len(line) for line in lines)


def _table(block: Block, columns: list[int]) -> str:
    widths = [_width(block, column) for column in columns]
    headings = [block.headings[column].split("\n") for column in columns]
    height = max(len(lines) for lines in headings)
    padded = [[""] * (height - len(lines)) + lines for lines in headings]
    head = [_line([lines[row] for lines in padded], widths) for row in range(height)]
    rule = _line(["-" * width for width in widths], widths)
    body = [_line([row[column] for column in columns], widths) for row in block.rows]
    return "\n".join([*head, rule, *body])


def _line(cells: list[str], widths: list[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    indent = len(text) - len(text.lstrip())
    wrapped = textwrap.wrap(text, width, subsequent_indent=" " * indent, break_on_hyphens=False)
    return wrapped or [""]


def _block_markdown(block: Block) -> str:
    parts = [f"**{block.title.strip()}**"] if block.headings else [block.title]
    if block.headings:
        heads = [heading.replace("\n", " ") for heading in block.headings]
        table = [heads, ["---"] * len(heads), *block.rows]
        parts.append("\n".join("| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in table))
    parts += [note.strip() for note in block.notes]
    return "\n\n".join(parts)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
