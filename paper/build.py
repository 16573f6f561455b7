"""START HERE: ``python -m paper.build`` fills article and checklist from results/reference and sets the PDF.

It refuses while a value is not stored; ``--preview`` says "not yet stored" in its place. ``--pages DIR``
writes the pages as PNG too, to be looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paper.pdf import to_pages, to_pdf
from paper.placeholders import PAPER, Filler, template
from paper.stored import ROOT, NotStored, Stored
from simgrid.experiments.atomic import write_bytes, write_text
from simgrid.presentation.stress_des import Execution, stress_des
from simgrid.scenario import load

ARTICLE, CHECKLIST = PAPER / "article.md", PAPER / "stress-des.md"
REFERENCE_RUN = "stage-2"
"""The experiment whose checklist is kept: that of the four headline gains."""
MADE = "<!-- Made of article.template.md by python -m paper.build: edit that file. -->\n"


def article(*, preview: bool = False) -> str:
    """The article's text.

    :raises NotStored: with everything that results/reference does not have, unless ``preview``.
    """
    filler = Filler(Stored())
    text = filler.fill(template(ARTICLE.name).read_text(encoding="utf-8"))
    if filler.missing and not preview:
        missing = ", ".join(dict.fromkeys(filler.missing))
        raise NotStored(f"not yet stored in results/reference: {missing}")
    head, mark, body = text.partition("\n---\n")
    return f"{head}{mark}\n{MADE}{body}"


def checklist(*, preview: bool = False) -> str:
    """The STRESS-DES checklist of the reference run.

    :raises NotStored: results/reference has no such run, unless ``preview``.
    """
    told = Stored().experiment(REFERENCE_RUN)
    if told is None and not preview:
        raise NotStored(f"not yet stored in results/reference: {REFERENCE_RUN} in manifest.json")
    name = f"paper/{REFERENCE_RUN}" if told is None else str(told["scenario"])
    return stress_des(load(ROOT / "scenarios" / f"{name}.yaml").cells, _execution(told) if told else None)


def _execution(told: Mapping[str, Any]) -> Execution:
    machine = told["hardware"]
    return Execution(
        replications=told["worlds"],
        model_version=told["model_version"],
        python=told["python"],
        platform=machine["system"],
        packages=told["packages"],
        commit=told["commit"],
        hardware=f"{machine['processors']} processors ({machine['processor']}), {machine['memory_gib']} GiB, "
        f"{machine['system']}",
        minutes=told["minutes"],
    )


def main(arguments: list[str] | None = None) -> int:
    """Write everything; 1 where a value is missing."""
    parser = argparse.ArgumentParser(prog="python -m paper.build", description=__doc__)
    parser.add_argument("--preview", action="store_true", help="let values be missing, and say where")
    parser.add_argument("--pages", type=Path, metavar="DIR", help="write the pages as PNG too")
    given = parser.parse_args(arguments)
    try:
        text, checked = article(preview=given.preview), checklist(preview=given.preview)
    except NotStored as error:
        print(f"{error}\n--preview builds it nevertheless", file=sys.stderr)
        return 1
    write_text(ARTICLE, text)
    write_text(CHECKLIST, checked)
    write_bytes(ARTICLE.with_suffix(".pdf"), to_pdf(ARTICLE))
    if given.pages:
        given.pages.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(to_pages(ARTICLE), start=1):
            write_bytes(given.pages / f"page-{number:02}.png", page)
    print(ARTICLE.with_suffix(".pdf"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
