"""The IOD tables in one small file, out of those that highdicom (MIT) carries for itself.

``python -m simgrid.dicom.iod.compile_tables`` writes ``tables/attributes.json`` and ``body_parts.csv`` anew;
highdicom's licence lies beside them. Its tables are private to it, take 22 MB and move between its versions:
no run reads them. Equal subtrees (the standard's macros) are kept once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "tables" / "attributes.json"
BODY_PARTS = TABLES.with_name("body_parts.csv")
_FILES = ("sop_class_iod_map.json", "iod_module_map.json", "module_attribute_map.json")


class HighdicomMoved(RuntimeError):
    """highdicom's private tables are not where they were."""


def compiled() -> dict[str, Any]:
    """SOP classes, IODs and modules, with subtrees numbered.

    Raises:
        HighdicomMoved: naming the file that is missing or has another form.
    """
    sop_classes, iods, modules = (_table(name) for name in _FILES)
    nodes: dict[str, int] = {}
    roots = {name: _number(_tree(rows), nodes) for name, rows in sorted(modules.items())}
    return {
        "source": f"highdicom {version('highdicom')} (MIT), from the DICOM standard, PS3.3 annexes A and C",
        "sop_classes": dict(sorted(sop_classes.items())),
        "iods": {
            name: [[row["key"], row["usage"]] for row in rows if row["key"] in roots]
            for name, rows in sorted(iods.items())
        },
        "modules": roots,
        "nodes": [json.loads(text) for text in nodes],
    }


def body_parts() -> str:
    """BodyPartExamined and whether it is one of a pair (PS3.16 annex L), as CSV.

    Raises:
        HighdicomMoved: where the table is missing.
    """
    regions = _table("anatomic_regions.json")
    rows = [f"{name},{'yes' if region[3] else 'no'}\n" for name, region in sorted(regions.items())]
    return "".join(["body_part,paired\n", *rows])


def _table(name: str) -> Any:
    found = find_spec("highdicom")
    folders = (found.submodule_search_locations if found else None) or []
    for folder in folders:
        path = Path(folder) / "_standard" / name
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
    raise HighdicomMoved(
        f"highdicom/_standard/{name} is not installed: highdicom keeps its tables elsewhere in this version; "
        "install highdicom 0.28, or teach simgrid/dicom/iod/compile_tables.py the new place"
    )


def _tree(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Keyword to [type, subtree]; rows come with the path of sequences above them."""
    root: dict[str, Any] = {}
    try:
        for row in rows:
            level = root
            for keyword in row["path"]:
                level = level[keyword][1]
            kept = level.setdefault(row["keyword"], [row["type"], {}])
            kept[0] = row["type"]
    except KeyError as lacking:
        raise HighdicomMoved(f"highdicom's table of attributes has no {lacking}: its form changed") from None
    return root


def _number(tree: Mapping[str, Any], nodes: dict[str, int]) -> int:
    """The number of a tree; leaves are written ``type``, sequences ``[type, number]``."""
    flat = {
        keyword: [kind, _number(below, nodes)] if below else kind
        for keyword, (kind, below) in sorted(tree.items())
    }
    return nodes.setdefault(json.dumps(flat), len(nodes))


def written(tables: Mapping[str, Any]) -> str:
    """One line a node, so that a change of the standard shows as changed lines."""
    sections = [f'"source": {json.dumps(tables["source"])}']
    for name in ("sop_classes", "iods", "modules"):
        rows = ",\n".join(f"{json.dumps(key)}: {json.dumps(row)}" for key, row in tables[name].items())
        sections.append(f'"{name}": {{\n{rows}\n}}')
    nodes = ",\n".join(json.dumps(node, separators=(",", ":")) for node in tables["nodes"])
    sections.append(f'"nodes": [\n{nodes}\n]')
    return "{\n" + ",\n".join(sections) + "\n}\n"


if __name__ == "__main__":
    TABLES.write_text(written(compiled()), encoding="utf-8")
    BODY_PARTS.write_text(body_parts(), encoding="utf-8")
