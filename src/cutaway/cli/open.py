"""`cutaway open`: the workbook in a local web page."""

from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cutaway.cli.options import PROMPT, examples
from cutaway.cli.say import say
from cutaway.errors import DiskError, SettingError
from cutaway.words import in_one_line

if TYPE_CHECKING:
    from cutaway.studio.server.documents import Document

LOCAL = "127.0.0.1"


@click.command("open", epilog=examples(
    "cutaway open",
    'cutaway open "Once upon a time"',
    "cutaway open --model my-model",
    "cutaway open my-workbook.py",
    'cutaway open --book "heads off"',
    "cutaway open --port 9000 --no-browser"))
@click.argument("what", required=False, type=PROMPT, metavar="[PROMPT|FILE.py]")
@click.option("--model", default=None, metavar="NAME|PATH",
              help="A model of `cutaway models`, or the folder or file of one.")
@click.option("--book", metavar="NAME|KEY", help="A workbook of `cutaway books`.")
@click.option("--new", "anew", is_flag=True, help="A new workbook, not the one of last time.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N",
              help="The port to listen at; by default the first free one from 8642 on.")
@click.option("--host", default=LOCAL, show_default=True, metavar="ADDRESS",
              help="The address to listen at. One that other machines reach needs --to-others.")
@click.option("--to-others", is_flag=True, help="Let other machines knock at that address.")
@click.option("--browser/--no-browser", default=True, help="Open a browser on it, or only say "
                                                           "where it is.")
def open(*, what: str | None, model: str | None, book: str | None, anew: bool,
         port: int | None, host: str, to_others: bool, browser: bool) -> None:
    """The living workbook in your browser: read, trace and change every number.

    Without a prompt the workbook of last time is opened again, with its changes; `cutaway books`
    lists the others. It runs on this machine alone, and makes no request to any other. Ctrl-C ends
    it.
    """
    from cutaway.studio.server.document_lock import address_of
    from cutaway.studio.server.serve import open_browser, serve

    _check_host(host, to_others)
    if book is not None and (what is not None or model is not None or anew):
        raise click.UsageError("--book opens a workbook as it is: leave out the prompt, --model "
                               "and --new.")
    document = _book(what, model, anew) if book is None else _of_books(book)
    if address := address_of(document.identity):
        say(f"The workbook is open already, in another cutaway, at\n\n  {address}\n\n"
            f"For a new one: cutaway open --new")
        if browser:
            open_browser(address)
        return
    _compile_for(document.model)
    if not _is_loopback(host):
        say(f"Listening at {host}: everybody who reaches this machine and has the address "
            f"below can run code on it as you. The connection is not encrypted.", err=True)
    not_kept = serve(document, port=port, host=host, browser=browser, started=_tell)
    if not_kept:
        raise DiskError(f"Cutaway has ended, and your last changes are not kept. {not_kept}")
    say("\nCutaway has ended. Your changes are kept: cutaway open shows them again.")


def _book(what: str | None, model: str | None, anew: bool) -> "Document":
    """The workbook to open: a file's, a prompt's, or the one of last time."""
    from cutaway.studio.server.books import begun_book
    from cutaway.studio.server.documents import EXAMPLE, last_document

    if what is not None and what.endswith(".py") and "\n" not in what:
        return _of_file(Path(what))
    if what is not None:
        return begun_book(_checked(model, what), what)
    last = None if anew else last_document()
    if last is None or (model is not None and model != last.model):
        return begun_book(_checked(model, None), EXAMPLE)
    if last.changes or last.cells:
        count = len(last.changes)
        say(f"Your workbook of last time, with {count} change{'' if count == 1 else 's'}. "
            f"For a new one: cutaway open --new. For others: cutaway books")
    return last


def _of_books(name: str) -> "Document":
    """A workbook by its name or key.

    Raises:  MessageError when there is none; UnknownModel when its model is not here any more
    """
    from cutaway.errors import UnknownModel
    from cutaway.studio.server.books import book_called
    from cutaway.weights.find import is_here

    found = book_called(name)
    if not is_here(found.model):
        raise UnknownModel(f"This workbook is of the model {in_one_line(found.model, 200)!r}, "
                           f"which is not on this computer any more. Bring it back with `cutaway "
                           f"fetch` or `cutaway add`: the workbook is kept as it is.")
    return found


def _of_file(path: Path) -> "Document":
    """A workbook that was saved as a file. It may be anybody's, so nothing of it runs yet.

    Raises:  WorkbookFileError
    """
    from cutaway.studio.server.documents import document_of_file
    from cutaway.studio.share.read_workbook import read_workbook_file

    return document_of_file(read_workbook_file(path))


def _checked(name: str | None, prompt: str | None) -> str:
    """The model's name, once it has been found and takes the prompt.

    Raises:  UnknownModel, WeightsError, TokenizerError, EmptyPrompt, PromptTooLong
    """
    from cutaway.cli.prompt import prompt_ids
    from cutaway.model import BUNDLED, open_model
    from cutaway.weights import find_model

    if name is None and prompt is None:
        return BUNDLED
    chosen = name or BUNDLED
    if Path(chosen).exists():
        chosen = str(Path(chosen).resolve())
    if prompt is None:
        find_model(chosen)
    else:
        opened = open_model(chosen)
        opened.run(prompt)
        prompt_ids(opened, prompt, remedy="The page can make it the model's own token.")
    return chosen


def _compile_for(name: str) -> None:
    """A large model's engine compiled before the page needs it."""
    from cutaway.engines.choice import compile_for, engine_of_environment
    from cutaway.errors import CutawayError
    from cutaway.weights import find_model

    try:
        found = find_model(name)
    except CutawayError:
        return  # the page says what is wrong with the model, and lets another be chosen
    compile_for(engine_of_environment(), found.architecture.book(found.config), say)


def _check_host(host: str, to_others: bool) -> None:
    """Raises:  SettingError for what is no address, and for one that others reach unasked"""
    if not host.strip() or not host.isprintable() or " " in host:
        raise SettingError(f"--host {host!r:.60} is no address. Leave it out: the page is then "
                           f"for this machine alone.")
    if not _is_loopback(host) and not to_others:
        from cutaway.studio.server.serve import PORT

        raise SettingError(f"{host} can be reached from other machines, and whoever has the page's "
                           f"address can run code on this one as you. If that is what you want, "
                           f"add --to-others. From a machine of your own, a tunnel is safer: "
                           f"ssh -L {PORT}:{LOCAL}:{PORT} this-machine")


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _tell(address: str, not_kept: str) -> None:
    kept = "your changes are kept" if not not_kept else "your changes will NOT be kept"
    say(f"\nThe workbook is open at\n\n  {address}\n\n"
        f"Open that address in a browser of this machine, if none has opened. "
        f"Ctrl-C ends it; {kept}.")
    if not_kept:
        say(f"\ncutaway: {not_kept}", err=True)
