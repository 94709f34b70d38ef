"""The command group, and the one place where an error becomes words and an exit code.

Commands are imported when they are asked for, so that `--help` is quick and loads nothing heavy.
"""

from __future__ import annotations

import difflib
import errno
import gc
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import click

from chora_catalog.errors import ChoraError, Exit

# name: (module, one line for the list); the module has a click command called `command`.
COMMANDS = {
    "adopt": ("chora_catalog.cli.adopt", "Write a manifest from what a repository shows."),
    "alerts": ("chora_catalog.cli.alerts", "Say which sources stay away, and keep one issue for each."),
    "build": ("chora_catalog.cli.build", "Read the registered sources and publish the catalog."),
    "compat": ("chora_catalog.cli.compat", "Say what fits, what breaks, for whom, and what to do."),
    "decision": ("chora_catalog.cli.decision", "Write into the decision log."),
    "doctor": ("chora_catalog.cli.doctor", "Say what a repository lacks to be adopted, with the lines to add."),
    "explain": ("chora_catalog.cli.explain", "Say what a rule means, why it matters and how to fix it."),
    "gate": ("chora_catalog.cli.gate", "Say whether a pull request to the catalog's repository may be merged."),
    "init": ("chora_catalog.cli.init", "Write a first manifest, valid as it is, with questions."),
    "inventory": ("chora_catalog.cli.inventory", "Scan the registered repositories for the environment they stand in."),
    "metrics": ("chora_catalog.cli.metrics", "Say what the ledger of past runs measures."),
    "validate": ("chora_catalog.cli.validate", "Validate the manifests of a folder, offline."),
    "mirror": ("chora_catalog.cli.mirror", "Carry a signed catalog to a place without a network."),
    "serve": ("chora_catalog.cli.serve", "Show a built site on a loopback address and reload it when it changes."),
    "signal": ("chora_catalog.cli.signal", "File change signals, move them, vote on them, and look at them."),
    "sign": ("chora_catalog.cli.sign", "Sign a built site."),
    "template": ("chora_catalog.cli.template", "Put into a repository what adopting it needs."),
    "trust": ("chora_catalog.cli.trust", "Make and change what a catalog is trusted by."),
    "verify": ("chora_catalog.cli.verify", "Say whether a site, a bundle or a file is what was signed."),
    "waiver": ("chora_catalog.cli.waiver", "Write and list exceptions for a limited time."),
    "watch": ("chora_catalog.cli.watch", "Say whether a catalog is still being built."),
}
_OUTPUT_REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_LOOKED_THROUGH = 500_000
"""Values that hold others, made and still there, after which the collector of cycles looks through the newest."""


class _Commands(click.Group):
    """The commands by name, with their words known before their modules are loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in sorted(COMMANDS.items())])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            raise ChoraError(*_unknown(name))
        return super().resolve_command(ctx, args)


def _unknown(name: str) -> tuple[str]:
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    meant = f" Did you mean `chora {near[0]}`?" if near else f" There are: {', '.join(sorted(COMMANDS))}."
    return (f"there is no command {name!a}.{meant}",)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="chora-catalog", prog_name="chora-catalog")
def chora() -> None:
    """One scheduled job turns registered Git repositories into a searchable static capability catalog.

    Exit codes: 0 yes, 1 no, 2 you asked wrongly, 3 cannot tell.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name; default: the process's) and return the exit code."""
    try:
        result = chora.main(args=list(argv) if argv is not None else None, prog_name="chora", standalone_mode=False)
        return int(result) if isinstance(result, int) else Exit.YES
    except ChoraError as error:
        return _say(error)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "chora"
        return _say(ChoraError(error.format_message(), hint=f"See `{command} --help`."))
    except (KeyboardInterrupt, click.Abort):
        click.echo("chora: stopped; what was published stands.", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read it has enough. How it would have ended nobody can tell: a yes here would be an accident.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.CANNOT_TELL
    except OSError as error:
        if error.filename is None and error.errno in _OUTPUT_REFUSED:
            return _say(ChoraError(_unprinted(error), hint="Make room where it goes.", code=Exit.CANNOT_TELL))
        return _defect(error)
    except Exception as error:  # the last door: a defect is said in words, its trace only when asked for
        return _defect(error)


def _defect(error: Exception) -> int:
    if os.environ.get("CHORA_TRACEBACK"):
        traceback.print_exception(error)
    return _say(
        ChoraError(
            f"this is a defect of chora-catalog: {type(error).__name__}: {ascii(str(error))[:300]}",
            hint="Run the command again with CHORA_TRACEBACK=1 and report what it prints.",
            code=Exit.CANNOT_TELL,
        )
    )


def _unprinted(error: OSError) -> str:
    return f"what it printed could not be written: {os.strerror(error.errno) if error.errno else error}"


def run() -> NoReturn:
    """Run the command line of this process: what `chora` on a terminal is."""
    begin()
    leave(main())


def begin() -> None:
    """Let the collector of cycles look less often: a command makes many nouns, and cycles among none of them."""
    gc.set_threshold(_LOOKED_THROUGH)


def leave(code: int) -> NoReturn:
    """End this process with `code` as soon as all that was printed is out; 3 when it could not be.

    Python would take everything it loaded apart first, which takes longer than many a command.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            continue
        except OSError as error:
            os.write(2, f"chora: {_unprinted(error)}\n".encode())
            code = code or Exit.CANNOT_TELL
    os._exit(code)


def _say(error: ChoraError) -> int:
    """Print what an error says. It may repeat words of a server or of a catalog: none acts or begins a line."""
    from chora_catalog.render.text import on_one_line, visible

    click.echo(f"chora: {on_one_line(visible(error.what))}", err=True)
    if error.detail:
        click.echo(f"\n{visible(error.detail)}\n", err=True)
    if error.hint:
        click.echo(f"next: {on_one_line(visible(error.hint))}", err=True)
    return error.code


if __name__ == "__main__":
    run()
