"""Reports go back to whoever sent the image: about his own patient, once he has said that he has them.

What came over the network lies in the inbox below ``from-TITLE``. The report that is sent carries the
identity that the sender gave; it is made when it is sent, and not kept. A reply that was taken or refused is
a line in the audit log; one that reached nobody is tried again at the next look.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simgrid.dicom.structured_report import Assessment
from simgrid.quality.bot.inbox import Found
from simgrid.quality.bot.machine import REPLIED, Bot
from simgrid.quality.bot.overview import FILED
from simgrid.quality.bot.steps import TIME

_FROM = "from-"


def spool(inbox: Path, sender: str, name: str) -> Path:
    """Where an image from the network is put."""
    return inbox / f"{_FROM}{sender}" / f"{name}.dcm"


def reply(bot: Bot, inbox: Path, found: Found, send: Callable[[bytes, str], bool | None]) -> int:
    """Send what was not sent; how many were taken. ``send`` says taken, refused, or None: not reached."""
    taken = 0
    for file, path in found.files.items():
        steps = bot.finished.get(file, {})
        sender = path.relative_to(inbox).parts[0]
        if "file" not in steps or REPLIED in steps or not sender.startswith(_FROM):
            continue
        report = _report(bot, file, path)
        answer = None if report is None else send(report, sender.removeprefix(_FROM))
        if report is not None and answer is None:
            continue  # not reached: another look, another try
        said = "there is no report" if report is None else "taken" if answer else "refused"
        steps[REPLIED] = bot.log.add(REPLIED, file, {}, {"reply": said})
        taken += said == "taken"
    return taken


def _report(bot: Bot, file: str, path: Path) -> bytes | None:
    """The report as filed, but about the patient."""
    (folder,) = bot.output.glob(f"{FILED}/*/{file}")
    line = json.loads((folder / "report.json").read_bytes())
    if line["status"] != "judged":
        return None
    ingested: dict[str, Any] = json.loads((folder / "steps/1-ingest.json").read_bytes())
    at = datetime.strptime(ingested["at"], TIME).replace(tzinfo=UTC)
    judged = {
        name: (one["probability"], one["severity"] or 0.0)
        for name, one in line["defects"].items()
        if one["probability"] is not None
    }
    return bot.tools.archive(path, Assessment(line["verdict"], judged, at), (), (), None).report
