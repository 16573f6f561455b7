"""``simgrid qa bot``: judge every file of an inbox, once, and file what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from simgrid.cli.exits import CHECK_SAID_NO, ENVIRONMENT, USAGE, leave, told
from simgrid.scenario.counts import many

if TYPE_CHECKING:
    from simgrid.dicom.apart import Reader
    from simgrid.dicom.pseudonyms import Pseudonyms
    from simgrid.quality.bot.machine import Bot, Pass
    from simgrid.quality.bot.seams import Tools

Send: TypeAlias = "Callable[[bytes, str], bool | None]"

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_SALT_HELP = "File with at least 16 random bytes (default: one of your own, made when first needed)."


@click.command()
@click.argument("inbox", type=_FOLDER)
@click.option("-o", "--output", type=_FOLDER, required=True, help="Where reports and the audit log go.")
@click.option("--once/--watch", default=True, help="One look (the default), or again and again.")
@click.option("--every", default=5.0, type=click.FloatRange(min=0.1), help="Seconds between two looks.")
@click.option("--listen", metavar="PORT", type=click.IntRange(0, 65535), help="Take images by C-STORE too.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--remote", is_flag=True, help="Listen at an address that other machines reach.")
@click.option("--reply", metavar="TITLE=HOST:PORT", multiple=True, help="Where a sender takes its reports.")
@click.option("--salt", type=_FILE, help=_SALT_HELP)
@click.option("--identified", is_flag=True, help="Reports and corrected images carry the patient.")
@click.option("--names", is_flag=True, help="Only say which file has which pseudonym.")
@click.option("--replay", is_flag=True, help="Only make every finished step again, and compare.")
@click.pass_context
def bot(
    context: click.Context,
    inbox: Path,
    output: Path,
    once: bool,
    every: float,
    listen: int | None,
    address: str,
    remote: bool,
    reply: tuple[str, ...],
    salt: Path | None,
    identified: bool,
    names: bool,
    replay: bool,
) -> None:
    """Take each file of INBOX through eight steps, each once, and file report, SR and page under its verdict.

    Killed and started again, it goes on where it was. INBOX is only read. What it writes names nobody unless
    --identified asks for it.
    """
    with told():
        from simgrid.dicom.apart import Reader
        from simgrid.dicom.storage_node import NotHere
        from simgrid.quality.bot.audit import BrokenLog
        from simgrid.quality.bot.writing import Occupied, held

        reader = Reader()
        tools = _tools(reader, salt, identified)
        if listen is not None:
            inbox.mkdir(parents=True, exist_ok=True)
        if not inbox.is_dir():
            leave(USAGE, f"'{inbox}' is no folder: give the folder that images come to")
        if output.resolve().is_relative_to(inbox.resolve()):
            leave(USAGE, f"'{output}' lies in the inbox, and would be read as images: give another -o")
        if names:
            _say_names(inbox, tools.pseudonyms)
            return
        if replay:
            context.exit(_replay(inbox, output, tools))
        try:
            with held(output), closing(reader), _node(inbox, tools, listen, address, remote, reply) as send:
                _work(inbox, output, tools, None if once and listen is None else every, send)
        except NotHere as error:
            leave(USAGE, str(error))
        except Occupied:
            leave(ENVIRONMENT, f"{output}: another bot is at work here: wait for it, or give another -o")
        except BrokenLog as error:
            leave(ENVIRONMENT, str(error))


def _replay(inbox: Path, output: Path, tools: Tools) -> int:
    """Say what comes out otherwise; the exit code."""
    from simgrid.quality.bot.machine import LOG
    from simgrid.quality.bot.machine import bot as opened
    from simgrid.quality.bot.replay import replay
    from simgrid.quality.bot.writing import held

    if not (output / LOG).is_file():
        leave(USAGE, f"'{output}' holds no {LOG}: give the output folder of a bot")
    with held(output):
        done = list(replay(opened(output, tools), inbox))
    for one in done:
        for what in one.otherwise:
            click.echo(f"{one.file}  otherwise: {what}")
    other = sum(bool(one.otherwise) for one in done)
    click.echo(f"{many(len(done), 'file')} made again, {other} otherwise")
    return CHECK_SAID_NO if other else 0


@contextmanager
def _node(
    inbox: Path, tools: Tools, port: int | None, address: str, remote: bool, reply: tuple[str, ...]
) -> Iterator[Send]:
    """The storage node while the block lasts, if a port was given; what sends reports back."""
    if port is None:
        yield lambda _, __: False
        return
    from simgrid.dicom.storage_node import TITLE, Received, listening, peer, send
    from simgrid.quality.bot.replies import spool
    from simgrid.quality.bot.writing import write

    peers = dict(peer(one) for one in reply)

    def store(one: Received) -> None:
        write(spool(inbox, one.sender, tools.pseudonyms.name("received", one.instance)), one.content)

    with listening(store, port, address, remote=remote) as there:
        click.echo(f"{TITLE} listens at {address}:{there}", err=True)
        yield lambda report, title: send(report, title, peers)


def _tools(reader: Reader, salt: Path | None, identified: bool) -> Tools:
    from simgrid.presentation.quality_pages import QualityPages
    from simgrid.quality.bot.seams import Tools
    from simgrid.quality.bot.shipped import denoise, explain
    from simgrid.quality.check import judge

    return Tools(
        pseudonyms=pseudonyms(salt),
        pages=QualityPages(),
        read=reader.read,
        judge=lambda read: judge(read, ""),
        denoise=denoise(),
        explain=explain(),
        identified=identified,
        archive=reader.for_archive,
        place=reader.series_header,
    )


def pseudonyms(salt: Path | None) -> Pseudonyms:
    """Under the salt that was named, or one's own; exit 2 for a bad one."""
    from simgrid.dicom.pseudonyms import BadSalt, from_file, own, own_file

    try:
        return from_file(salt) if salt is not None else own(own_file())
    except BadSalt as error:
        leave(USAGE, str(error))


def _say_names(inbox: Path, known: Pseudonyms) -> None:
    from simgrid.dicom.read import printable
    from simgrid.quality.bot.inbox import look

    found = look(inbox, known, {})
    for name, path in (*found.files.items(), *found.copies):
        click.echo(f"{name}  {printable(str(path))}")


def _work(inbox: Path, output: Path, tools: Tools, every: float | None, send: Send) -> None:
    """Look once, or until somebody ends it."""
    from simgrid.quality.bot.machine import bot as opened
    from simgrid.quality.bot.replies import reply

    worker = opened(output, tools)
    while True:
        done = _pass(worker, inbox)
        reply(worker, inbox, done.found, send)
        if every is None:
            click.echo(_summary(done))
            click.echo(_filed(output))
            if said := _of_series(output):
                click.echo(said)
            click.echo(output / "index.html")
            return
        if done.done:
            click.echo(_summary(done), err=True)
        time.sleep(every)


def _pass(worker: Bot, inbox: Path) -> Pass:
    # without the file's name, which may be a person's: whoever keeps what is said here keeps pseudonyms
    return worker.run(inbox, lambda file, _: click.echo(f"{file}  {_verdict(worker.output, file)}", err=True))


def _verdict(output: Path, file: str) -> str:
    """Under which word a finished file lies."""
    return next(one.parent.name for one in (output / "filed").glob(f"*/{file}"))


def _filed(output: Path) -> str:
    """How many of all files lie under which word, those that somebody must look at first."""
    counted = {one.name: sum(1 for _ in one.iterdir()) for one in (output / "filed").glob("*")}
    order = ("reject", "repeat", "abstain", "accept-with-note", "accept", "listed")
    return f"filed: {', '.join(f'{counted[name]} {name}' for name in order if counted.get(name)) or 'none'}"


def _of_series(output: Path) -> str:
    """How many files their series tell something of; empty for none."""
    from simgrid.quality.bot.among import SERIES

    path = output / SERIES
    count = path.read_bytes().count(b"\n") if path.exists() else 0
    return f"{many(count, 'file')} stand oddly in a series: {path}" if count else ""


def _summary(done: Pass) -> str:
    found = done.found
    parts = [f"{len(done.done)} new", f"{done.before} done before"]
    for number, what in (
        (len(found.copies), "with the bytes of another"),
        (len(found.unsettled), "still being written"),
        (len(found.unread), "that cannot be opened"),
    ):
        if number:
            parts.append(f"{number} {what}")
    waiting = f"; {many(len(done.waiting), 'file')} begun and no longer in the inbox" if done.waiting else ""
    return f"{many(len(found), 'file')}: {', '.join(parts)}{waiting}\nlast hash of the audit log: {done.head}"
