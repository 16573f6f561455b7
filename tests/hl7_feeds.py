"""HL7 v2 messages and feeds of them, as hospitals write them."""

from __future__ import annotations

from pathlib import Path

from simgrid.workload.replay.hl7_feed import read_hl7
from simgrid.workload.replay.rows import RawRow, Rejected

PID = "PID|1||4711^^^H&1.2&ISO~88^^^GOV||DOE^JOHN||19700101|M"


def header(kind: str, control: str = "1", sent: str = "202601050830+0100", **more: str) -> str:
    charset = more.get("charset", "")
    return f"MSH|^~\\&|RIS|{more.get('site', 'NORTH')}|X|Y|{sent}||{kind}|{control}|P|2.5||||||{charset}"


def order(
    number: str = "P1", filler: str = "F1", control: str = "NW", at: str = "202601050815", **more: str
) -> str:
    """An ORM^O01 of one CT of the brain, as lists of segments."""
    orc = f"ORC|{control}|{number}|{filler}||||^^^202601050900^^S||{at}||||||||{more.get('entered', '')}"
    obr = (
        f"OBR|1|{number}|{filler}|CTBRAIN^{more.get('text', 'CT BRAIN')}^L||{more.get('wanted', '')}|||||||||"
        f"^^^&{more.get('part', 'Brain')}|||{more.get('accession', 'A1')}||||||{more.get('section', 'CT')}"
    )
    head = header("ORM^O01^ORM_O01", **{k: v for k, v in more.items() if k in {"site", "sent", "charset"}})
    return "\r".join([head, PID, "PV1|1|O|RAD^1^2^SOUTH", orc, obr, "DG1|1||C71.9^Brain^I10"]) + "\r"


def report(number: str = "P1", filler: str = "F1", status: str = "F", **more: str) -> str:
    obr = (
        f"OBR|1|{number}|{filler}|CTBRAIN^CT BRAIN^L||{more.get('wanted', '')}|202601050900|||||||||||"
        f"{more.get('accession', '')}||||{more.get('at', '202601051030')}||CT|{status}|||||||"
        f"{more.get('who', 'R7&House&Gregory')}"
    )
    segments = [header("ORU^R01", site="RIS"), PID, f"ORC|RE|{number}|{filler}", obr, "OBX|1|TX|||text"]
    return "\r".join(segments) + "\r"


def write(folder: Path, *messages: str | bytes, name: str = "feed.hl7") -> Path:
    path = folder / name
    path.write_bytes(b"".join(m if isinstance(m, bytes) else m.encode() for m in messages))
    return path


def read(path: Path, **options: object) -> tuple[list[RawRow], list[Rejected]]:
    found = list(read_hl7([path], **options))  # type: ignore[arg-type]
    return [one for one in found if isinstance(one, RawRow)], [
        one for one in found if isinstance(one, Rejected)
    ]


def framed_mllp(messages: list[str]) -> bytes:
    return b"".join(b"\x0b" + one.encode() + b"\x1c\r" for one in messages)


def wrapped(messages: list[str]) -> bytes:
    inner = "".join(messages)
    return f"FHS|^~\\&|A\rBHS|^~\\&|B\r{inner}BTS|2\rFTS|1\r".encode()
