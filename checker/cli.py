"""The command `check`.

Exit codes: 0 holds, 1 violated, 2 the request or the model is wrong, 3 incomplete or not exercised.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TextIO

import click

from checker.answering import answer
from checker.commands.output_options import output_of, output_options
from checker.commands.sweep import sweep, sweep_option
from checker.errors import explain
from checker.language.bounds import defaults_of
from checker.language.errors import CheckerError, Notice, did_you_mean, shown_path
from checker.language.model import Model
from checker.listing import listing, show
from checker.loading import load_model, placed
from checker.names import typed
from checker.options import (
    atomicity_option,
    load_option,
    merged,
    request_of,
    saving_options,
    search_options,
)
from checker.resuming import kept
from checker.screen import Screen, drop_output

WRONG, UNFINISHED = 2, 3
SUBCOMMANDS = (  # each in its module of checker.commands
    "atomicity",
    "bisect",
    "bounds",
    "compare",
    "cost",
    "estimate",
    "findings",
    "graph",
    "matrix",
    "mutate",
    "pairs",
    "questions",
    "replay",
    "report",
    "simulate",
)
HELP = """Is there an interleaving that breaks a property, and which?

\b
  check --property NAME           check one property (or several) of the model
  check --all                     check all of them, in every scenario
  check can "EXPR"                can this be true? k is the state
  check never "EXPR"              is this never true?
  check matrix                    every property by every design
  check compare v2 v4             what was repaired, what was broken, what stayed
  check bisect --property NAME    which patch of a series breaks or repairs it
  check findings                  a page for each violated property, with its repair
  check report                    all of that as HTML pages, with what was searched
  check questions                 tables that answer what the model asks
  check cost                      what designs pay, at worst and on average
  check bounds                    claims about addresses, for all values
  check pairs                     every two operations together
  check atomicity                 blocks that are more than one access
  check graph --svg FILE          the reachable states of a small scenario as a picture
  check replay FILE               is a saved trace still a violation?
  check --all --sweep             how far the bounds can be raised
  check estimate                  how many states there will be
  check simulate                  random walks, where there are too many states
  check --resume FILE             go on with a search that was stopped
  check list                      what there is to check
  check show NAME                 what a name stands for

Exit code: 0 holds, 1 violated, 2 the request or the model is wrong, 3 incomplete or not exercised.
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    warnings.showwarning = _show_warning
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """In one line: Python's own way quotes the line of this program that warns."""
    place = "notice" if issubclass(category, Notice) else f"{shown_path(filename)}:{lineno}: warning"
    Screen().notice(f"{place}: {message}")


def run(arguments: list[str]) -> int:
    """One command, to its exit code. Every error ends up here."""
    screen = Screen(colour="--no-color" not in arguments)
    machine = "--json" in arguments
    try:
        model = _model_for_help(arguments) if _wants_help(arguments) else load_model(files_to_load(arguments))
        command = command_line(model, screen)
        with command.make_context("check", list(arguments)) as context:
            return int(command.invoke(context) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        screen.notice(error.format_message())
        return WRONG
    except click.ClickException as error:
        return explain(screen, CheckerError(_lower(error.format_message())), machine)
    except click.exceptions.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        screen.notice("interrupted: nothing was decided", "bold yellow")
        return UNFINISHED
    except BrokenPipeError:  # whoever read has read enough
        drop_output()
        return UNFINISHED
    except SystemExit as error:  # of the model: its code must not become the answer
        return explain(screen, placed(CheckerError("this ends the program"), error), machine)
    except Exception as error:
        return explain(screen, error, machine)


def files_to_load(arguments: Sequence[str]) -> list[str]:
    """The files after --load: needed before the options are known, as a model's bounds are options too."""
    found = []
    for number, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--load" and number + 1 < len(arguments):
            found.append(arguments[number + 1])
        elif word.startswith("--load="):
            found.append(word.removeprefix("--load="))
    return found


def _model_for_help(arguments: Sequence[str]) -> Model | None:
    """For its bounds, which are options too; help is given whether they can be had or not."""
    try:
        return load_model(files_to_load(arguments))
    except Exception:
        return None


def _wants_help(arguments: Sequence[str]) -> bool:
    return "--help" in arguments or not arguments


def _lower(message: str) -> str:
    message = message.replace("\n", " ").rstrip(".")
    return message[:1].lower() + message[1:]


class Commands(click.Group):
    """Imports a subcommand when it is used, as the rest would take longer to import than most searches take.
    Says what was probably meant by one that there is not."""

    model: Model | None
    screen: Screen
    bounds: Mapping[str, int]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *SUBCOMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in SUBCOMMANDS and cmd_name not in self.commands:
            module = importlib.import_module(f"checker.commands.{cmd_name}")
            make = getattr(module, f"{cmd_name}_command")
            self.add_command(make(self.model, self.screen, self.bounds))
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and self.get_command(ctx, args[0]) is None:
            names = self.list_commands(ctx)
            near = did_you_mean(args[0], names)
            ctx.fail(f"There is no command `{args[0]}`{near}; to check a property write --property {args[0]}")
        return super().resolve_command(ctx, args)


def command_line(model: Model | None, screen: Screen) -> click.Group:
    """The commands for a model; without one (for --help) its bounds are not listed."""
    bounds = defaults_of(model.bounds) if model is not None else {}

    def check(**given: Any) -> int:
        context = click.get_current_context()
        if context.invoked_subcommand is not None:
            if given["sweep"]:
                raise CheckerError("--sweep is for --property and --all, not for a command")
            return 0
        assert model is not None
        if given["sweep"]:
            return sweep(model, given, screen, output_of(given))
        request, keeper = kept(request_of(given), given)
        if not request.properties and not request.all:
            names = ", ".join(typed(name) for name in list(model.properties)[:6])
            raise CheckerError(
                "say what to check: --property NAME, --all, can EXPR, never EXPR, list or show NAME",
                advice=f"properties: {names}, ..." if names else None,
            )
        return answer(model, request, screen, output_of(given), keeper)

    group = Commands(
        "check",
        callback=check,
        invoke_without_command=True,
        no_args_is_help=True,
        help=HELP,
        params=[
            click.Option(
                ["--property", "properties"], multiple=True, metavar="NAME", help="Check this property."
            ),
            click.Option(["--all", "everything"], is_flag=True, help="Every property, in every scenario."),
            *search_options(bounds),
            atomicity_option(),
            sweep_option(),
            *saving_options(),
            *output_options(),
            click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version),
        ],
    )
    group.model, group.screen, group.bounds = model, screen, bounds
    for question, text in (
        ("can", "Can EXPR be true? The shortest way there."),
        ("never", "Is EXPR never true?"),
    ):
        group.add_command(_question(model, screen, question, text, bounds))
    group.add_command(_looking("list", "What there is to check.", screen, lambda _: _lines(model, listing)))
    group.add_command(
        _looking(
            "show",
            "What a NAME stands for.",
            screen,
            lambda name: _lines(model, lambda m: show(m, name)),
            True,
        )
    )
    return group


def _lines(model: Model | None, tell: Callable[[Model], Any]) -> list[str]:
    assert model is not None
    return list(tell(model))


def _question(model: Model | None, screen: Screen, question: str, text: str, bounds: Any) -> click.Command:
    def ask(expression: str, **given: Any) -> int:
        assert model is not None
        outer = click.get_current_context().parent
        options = merged(outer.params if outer is not None else {}, given)
        request, keeper = kept(request_of(options, question, expression), options)
        return answer(model, request, screen, output_of(options), keeper)

    argument = click.Argument(["expression"], metavar="EXPR")
    params = [argument, *search_options(bounds), atomicity_option(), *saving_options(), *output_options()]
    return click.Command(question, callback=ask, params=params, help=text)


def _looking(
    name: str, text: str, screen: Screen, tell: Callable[[str], list[str]], named: bool = False
) -> click.Command:
    def look(**given: Any) -> int:
        screen.lines(tell(given.get("name", "")))
        return 0

    params: list[click.Parameter] = [click.Argument(["name"])] if named else []
    params += [load_option(), click.Option(["--no-color"], is_flag=True, help="Plain text.")]
    return click.Command(name, callback=look, params=params, help=text)


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        click.echo(f"check {version('unmapped-check')}")
        context.exit(0)
