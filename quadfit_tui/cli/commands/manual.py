"""The commands `manual` and `explain`: the pages of the manual as text, in a pager where there is a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click
from click.shell_completion import CompletionItem

from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.cli.exit_codes import OK
from quadfit_tui.cli.interrupts import exit_on_broken_pipe
from quadfit_tui.cli.output.output_file import open_output
from quadfit_tui.cli.output.printing import NAME, knows_unicode
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, HelpArgument
from quadfit_tui.core.text.document import LINE_WIDTH, document_lines, plain_lines
from quadfit_tui.core.text.language import N_, _, comma_separated, labeled
from quadfit_tui.core.text.quoting import did_you_mean, quoted
from quadfit_tui.core.text.width import wrapped

_WIDEST = 100  # columns; longer lines are hard to read
_EXAMPLES = (
    (f"{NAME} manual", N_("the list of its pages")),
    (f"{NAME} manual keys", N_("one of them")),
    (f"{NAME} manual momentum", N_("the sections of all pages that have this word")),
    (f"{NAME} manual options | grep -i batch", N_("a page as plain text, for other programs")),
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
    help=N_("name or title of a page, or words to find; without one, the list of pages"),
)
def manual(words: tuple[str, ...]) -> int:
    """Runs the command `manual`: prints a page, the sections that have the words, or the list of pages.

    Returns the exit code.
    """
    from quadfit_tui.core.explain.manual import contents, find, pages, topic_named

    if not words:
        return _show(contents())
    text = " ".join(words)
    if topic := topic_named(text):
        return _show(pages()[topic], in_pager=True)
    spell = _spelling()
    hits = find(text, {topic: document_lines(markdown, LINE_WIDTH - 2, spell) for topic, markdown in pages().items()})
    if not hits:
        problem = did_you_mean(_("no topic and no section has {words}").format(words=quoted(text)), text, pages())
        topics = comma_separated([*pages()])
        raise click.UsageError(_("{problem}; topics: {topics}").format(problem=problem, topics=topics))
    exit_on_broken_pipe()
    with open_output(None) as put:
        for hit in hits:
            put(wrapped(spell(labeled(hit.topic, hit.section)), LINE_WIDTH))
            if hit.text != hit.section:
                put(wrapped(hit.text, LINE_WIDTH, "  ", "  "))
    return OK


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
    with open_output(None) as put:
        is_terminal = sys.stdout.isatty()
        columns = os.get_terminal_size(sys.stdout.fileno()).columns if is_terminal else 0
        width = min(columns - 2, _WIDEST) if columns > 2 else LINE_WIDTH
        lines = plain_lines(document_lines(markdown, width, _spelling(), marks_code=True))
        if is_terminal and in_pager:
            click.echo_via_pager("\n".join([*lines, ""]))
        else:
            exit_on_broken_pipe()
            put(lines)
    return OK


def _spelling() -> Callable[[str], str]:
    """Returns the function that spells a text with the characters that standard output can show."""
    from quadfit_tui.core.text.ascii import ascii_of

    return str if knows_unicode(sys.stdout) else ascii_of
