"""`cutaway`: the list of verbs, and what becomes of every error.

A verb's module is imported when the verb is called, so that `cutaway --help` costs nothing.
"""

import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from io import StringIO
from typing import Any, NoReturn

import click

from cutaway import __version__
from cutaway.cli.encoding import remark, show_everything
from cutaway.cli.say import say
from cutaway.errors import CutawayError
from cutaway.words import message

# Every verb with its line in `cutaway --help`, in the groups that it is shown in.
VERBS = {
    "Look": {
        "open": "The living workbook in your browser: read, trace and change every number.",
        "predict": "From a prompt to its next token, on one page. The verb may be left out.",
        "tokens": "How a text becomes tokens: pieces, bytes, ids, every merge.",
        "surprise": "How unexpected each token of a text is: probability, rank, what was likelier.",
        "show": "Any table of the model or its weights, any slice, as numbers or heat.",
        "lesson": "The course: how a GPT works, lesson by lesson, with questions.",
        "steps": "How a model is calculated: every step with its formula, axes and meaning.",
        "verify": "Every table of a run beside Hugging Face's implementation.",
        "claims": "What the sources state about GPT-2, each measured here: same or not.",
    },
    "Change": {
        "edit": "What if? Type over numbers or formulas and see what follows.",
        "compare": "Two prompts or two models, table by table, worst first.",
    },
    "Write": {
        "generate": "The text that follows a prompt, token by token.",
    },
    "Learn": {
        "learn-tokens": "How a vocabulary is learned from a text, pass by pass.",
        "train": "A model of your own from your own text.",
    },
    "Elsewhere": {
        "sql": "The same model as SQL: one table a step, in DuckDB or PostgreSQL.",
        "xlsx": "The same model as a spreadsheet with live formulas.",
    },
    "Keep": {
        "books": "Your workbooks on this computer: list, name, delete.",
        "models": "The models on this computer.",
        "fetch": "Download a model from the Hugging Face hub.",
        "add": "Take a model's files into the store.",
        "export": "Write a model as Hugging Face's files.",
    },
}
SUMMARIES = {verb: line for lines in VERBS.values() for verb, line in lines.items()}

EXIT_MISTAKE = 1
EXIT_BUG = 70          # sysexits.h: an internal software error
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


class LazyGroup(click.Group):
    """Verbs that are imported when they are called; anything that is no verb is a prompt."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUMMARIES:
            return None
        module = import_module(f"cutaway.cli.{cmd_name.replace('-', '_')}")
        return getattr(module, cmd_name.replace("-", "_"))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in SUMMARIES and args[0] not in ("--help", "-h", "--version"):
            _expect_no_misspelled_verb(args)
            args = ["predict", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, lines in VERBS.items():
            with formatter.section(title):
                formatter.write_dl(list(lines.items()), col_max=16)

    def main(self, *args: Any, **settings: Any) -> NoReturn:
        """Run a command line and leave with its exit status.

        0 done; 1 a mistake that the message says how to put right; 2 the command line cannot be
        understood; 70 a bug of ours; 130 Ctrl-C
        """
        settings |= {"standalone_mode": False}
        sys.exit(_status(lambda: super(LazyGroup, self).main(*args, **settings)))


@click.group(cls=LazyGroup, no_args_is_help=False, invoke_without_command=True,
             context_settings={"help_option_names": ["-h", "--help"]},
             options_metavar="", subcommand_metavar='"PROMPT"  |  VERB ...')
@click.version_option(__version__, message="cutaway %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """GPT-2 with the casing off: every number between a text and its next token.

    \b
    Begin here:
      cutaway "Mike is quick. He moves"
      cutaway show 'h3.attention[head=1]' "Mike is quick. He moves" --heat
      cutaway edit "Mike is quick. He moves" 'h3.attention[head=1]=0'
      cutaway steps attention
    \b
    Put a prompt in quotes, or give - to read it from standard input.
    """
    if context.invoked_subcommand is None:
        say(context.get_help())


def _expect_no_misspelled_verb(args: Sequence[str]) -> None:
    """Refuse a first word that is nearly a verb where more follows, and unquoted words.

    Raises:  click.UsageError saying what was probably meant
    """
    words = [word for word in args if not word.startswith("-")]
    near = get_close_matches(args[0], SUMMARIES, n=1, cutoff=0.75)
    if near and len(args) > 1 and not args[0].startswith("-"):
        raise click.UsageError(
            f"There is no verb {args[0]!r}. Did you mean {near[0]!r}?\n"
            f"If it is a prompt: cutaway predict {args[0]!r}")
    if len(words) > 1 and words == list(args) and not any(" " in word for word in words):
        raise click.UsageError(
            f"{args[0]!r} is no verb, and a prompt of several words needs quotes:\n"
            f'cutaway "{" ".join(words)}"')


def _status(run: Callable[[], Any]) -> int:
    """The exit status of a command line; its error, if any, goes to standard error."""
    shown = show_everything()
    try:
        result = run()
        sys.stdout.flush()
        if words := remark(shown):
            _tell(words)
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        _tell(_as_click_says_it(error))
        return error.exit_code
    except CutawayError as error:
        _tell(f"cutaway: {error}")
        return EXIT_MISTAKE
    except (click.Abort, KeyboardInterrupt):
        _tell("cutaway: stopped.")
        return EXIT_INTERRUPTED
    except OSError as error:
        return _status_of_output(error)
    except Exception:
        return _status_of_bug()


def _status_of_output(error: OSError) -> int:
    """A pipe that was closed says nothing; a full disk behind standard output is an error."""
    if error.errno == errno.EPIPE:
        # Or Python complains about the pipe once more when it ends and flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_MISTAKE
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        _tell(f"cutaway: the output could not be written: {error.strerror}. Make room, or send it "
              "to another disk.")
        return EXIT_MISTAKE
    return _status_of_bug()


def _status_of_bug() -> int:
    say(traceback.format_exc(), err=True)
    _tell("cutaway: this is a bug in Cutaway, not a mistake of yours. Please report it with the "
          "lines above.")
    return EXIT_BUG


def _as_click_says_it(error: click.ClickException) -> str:
    """How the verb is used, and what is wrong with the way that it was."""
    said = StringIO()
    error.show(said)
    return said.getvalue().rstrip("\n")


def _tell(words: str) -> None:
    say(message(words), err=True)
