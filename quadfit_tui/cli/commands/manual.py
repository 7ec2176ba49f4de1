"""The commands `manual` and `explain`: the pages of the manual as text, in a pager where there is a terminal."""

from __future__ import annotations

import os
import sys

import click
from click.shell_completion import CompletionItem

from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.cli.exit_codes import OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe
from quadfit_tui.cli.output.output_file import open_output
from quadfit_tui.cli.output.printing import NAME, knows_unicode
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, HelpArgument
from quadfit_tui.core.text.document import LINE_WIDTH, document_lines, plain_lines
from quadfit_tui.core.text.language import N_, _, comma_separated
from quadfit_tui.core.text.quoting import did_you_mean, quoted

_WIDEST = 100  # columns; longer lines are hard to read
_EXAMPLES = (
    (f"{NAME} manual", N_("the list of its pages")),
    (f"{NAME} manual keys", N_("one of them")),
    (f"{NAME} manual options | grep -i batch", N_("the same as plain text, for other programs")),
)


def _topics(_context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns the manual's topics that a shell completes."""
    from quadfit_tui.core.explain.manual import pages

    return [CompletionItem(name) for name in pages() if name.startswith(incomplete)]


@click.command(
    cls=GroupedHelpCommand,
    examples=_EXAMPLES,
    help=COMMANDS["manual"].help,
)
@click.argument(
    "words",
    cls=HelpArgument,
    metavar="[TOPIC]",
    nargs=-1,
    shell_complete=_topics,
    help=N_("name of a page; without one, the list of them"),
)
def manual(words: tuple[str, ...]) -> int:
    """Runs the command `manual`: prints a page, or the list of them without words; returns the exit code."""
    from quadfit_tui.core.explain.manual import contents, pages

    if not words:
        return _show(contents())
    topic = "-".join(words).casefold()
    if topic not in pages():
        problem = did_you_mean(_("no such topic {name}").format(name=quoted(" ".join(words))), topic, pages())
        topics = comma_separated([*pages()])
        raise click.UsageError(_("{problem}; topics: {topics}").format(problem=problem, topics=topics))
    return _show(pages()[topic], in_pager=True)


@click.command(
    cls=GroupedHelpCommand,
    help=COMMANDS["explain"].help,
)
def explain() -> int:
    """Runs the command `explain`: prints the manual's first page; returns the exit code."""
    from quadfit_tui.core.explain.manual import FIRST, pages

    return _show(pages()[FIRST], in_pager=True)


def _show(markdown: str, *, in_pager: bool = False) -> int:
    """Renders a page of Markdown to standard output, at most as wide as the terminal; returns the exit code."""
    from quadfit_tui.core.text.ascii import ascii_of

    with open_output(None) as put:
        is_terminal = sys.stdout.isatty()
        columns = os.get_terminal_size(sys.stdout.fileno()).columns if is_terminal else 0
        width = min(columns - 2, _WIDEST) if columns > 2 else LINE_WIDTH
        spell = str if knows_unicode(sys.stdout) else ascii_of
        lines = plain_lines(document_lines(markdown, width, spell, marks_code=True))
        if is_terminal and in_pager:
            click.echo_via_pager("\n".join([*lines, ""]))
        else:
            exit_on_broken_pipe()
            put(lines)
    return OK
