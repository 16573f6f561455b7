"""``simgrid qa deidentify``: DICOM files without the person."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told
from simgrid.scenario.counts import many

if TYPE_CHECKING:
    from simgrid.dicom.apart import Reader
    from simgrid.dicom.deidentify import Deidentified, Options
    from simgrid.dicom.pseudonyms import Pseudonyms

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--salt", type=_FILE, help="Random bytes; the same, the same pseudonyms (default: new ones).")
@click.option(
    "--shift-dates", is_flag=True, help="Move each patient's dates: intervals stay (default: remove)."
)
@click.option(
    "--blank-text",
    type=click.Choice(["usual", "all", "none"]),
    default="usual",
    show_default=True,
    help="Look for text drawn into the pixels: in kinds of images that usually carry it, in all, in none.",
)
@click.pass_context
def deidentify(
    context: click.Context, path: Path, output: Path, salt: Path | None, shift_dates: bool, blank_text: str
) -> None:
    """Write a DICOM file, or every file below a folder, without identity (PS3.15, basic profile, and more).

    New files have new names. What cannot be done is said and not written; then the exit code is 1.
    """
    with told():
        from simgrid.cli.qa.bot import pseudonyms
        from simgrid.dicom.apart import Reader
        from simgrid.dicom.deidentify import Options
        from simgrid.dicom.pseudonyms import fresh
        from simgrid.quality.check import files_below

        if not path.exists():
            leave(USAGE, f"'{path}' does not exist: give a DICOM file or a folder of them")
        if path.is_dir() and output.resolve().is_relative_to(path.resolve()):
            leave(USAGE, f"'{output}' lies in '{path}': give another -o")
        if salt is not None and salt.resolve().is_relative_to(output.resolve()):
            leave(USAGE, f"the salt '{salt}' lies in the output, and would undo it: keep it elsewhere")
        known = fresh() if salt is None else pseudonyms(salt)
        counts: Counter[str] = Counter()
        options, taken = Options(shift_dates, blank_text), dict[str, str]()  # type: ignore[arg-type]
        with closing(Reader()) as reader:
            for file, shown, refusal in files_below(path):
                what, said, left = (
                    ("not", f"not written: {refusal[0]}", 0)
                    if refusal
                    else _one(file, reader, output, known, options, taken)
                )
                counts[what] += 1
                if said:
                    click.echo(f"{shown}: {said}")
                if left:
                    counts["left"] += 1
                    click.echo(f"warning: {shown}: {_LEFT.format(many(left, 'text-like area'))}", err=True)
        same = f", {counts['same']} the same as another" if counts["same"] else ""
        readable = f", {counts['left']} with text-like areas not blanked" if counts["left"] else ""
        click.echo(f"{many(counts['written'], 'file')} written, {counts['not']} not{same}{readable}")
        click.echo(output)
        context.exit(CHECK_SAID_NO if counts["not"] else 0)


_LOOK = "written; look at its pixels: this kind of image may carry drawn text that was not found"
_LEFT = (
    "{} left readable in its pixels, since text is not usual in this kind of image: "
    "look at it, or blank with --blank-text all"
)


def _one(
    file: Path, reader: Reader, output: Path, known: Pseudonyms, options: Options, taken: dict[str, str]
) -> tuple[str, str, int]:
    """Write one file: what became of it, what to say, how many text-like areas it still has.

    ``taken``: names to SHA-256 of this run.

    Another process reads and decodes it: some decoders crash on damaged streams.
    """
    from simgrid.dicom.deidentify import CannotBeDeidentified
    from simgrid.experiments.atomic import write_bytes

    try:
        made: Deidentified = reader.deidentify(file, known, options)
    except CannotBeDeidentified as why:
        return "not", f"not written: {why}", 0
    digest = hashlib.sha256(made.content).hexdigest()
    if digest in taken.values():
        return "same", "the same as another file", 0
    name = made.name
    while name in taken:  # two images with one SOPInstanceUID: neither may be lost
        name += "-again"
    taken[name] = digest
    output.mkdir(parents=True, exist_ok=True)
    write_bytes(output / f"{name}.dcm", made.content)
    return "written", _LOOK if made.drawn_text else "", made.text_left
