"""What pages of the manual have from the program: tables of options and of words, how to read the views.

python .packaging/manual_tables.py writes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

import click

from quadfit_tui.cli.exit_codes import APP_EXIT_CODES, RUN_EXIT_CODES, SWEEP_EXIT_CODES
from quadfit_tui.cli.output.printing import NAME
from quadfit_tui.cli.parsing.help import LANG_OPTION, GroupedHelpCommand
from quadfit_tui.core.explain.glossary import WORDS, meaning
from quadfit_tui.core.text.language import _, pgettext
from quadfit_tui.main import cli
from quadfit_tui.ui.views.view_table import VIEWS

_HEADS = ("option", "what it does [by default]")
MANUAL = Path(__file__).parents[1] / "quadfit_tui" / "manual"
_BEGIN = "<!-- from here on it is made by .packaging/manual_tables.py -->\n"
_WIDTH = 120  # columns of a paragraph
_LETTERS = ("A", "C"), ("D", "I"), ("L", "O"), ("P", "S"), ("T", "W")  # of words: the first and the last of each group
_COMMANDS = ("run", "sweep", "", "presets", "lessons", "serve", "manual")


def tables() -> str:
    """The tables of options, as Markdown: those of a run by groups, then those of each command that are of no run."""
    contexts = dict(_commands())
    run = _options(contexts[f"{NAME} run"])
    of_run = [section for section in run if section not in (_section("Output"), _section("Other"))]
    parts = [_table(f"A run: {_lower(section)}", _HEADS, run[section]) for section in of_run]
    for name, context in contexts.items():
        sections = [rows for section, rows in _options(context).items() if section not in of_run]
        if rows := [row for section in sections for row in section]:
            parts.append(_table("The app" if name == NAME else name, _HEADS, rows))
    for name, codes in (("run", RUN_EXIT_CODES), ("sweep", SWEEP_EXIT_CODES), ("the app", APP_EXIT_CODES)):
        parts.append(_table(f"Exit codes of {name}", ("code", "what it tells"), codes))
    return "\n".join(parts)


def _commands() -> Iterator[tuple[str, click.Context]]:
    root = click.Context(cli, info_name=NAME)
    for name in _COMMANDS:
        command = cli.commands[name] if name else cli
        yield f"{NAME} {name}".rstrip(), click.Context(command, root) if name else root
        for below, other in command.commands.items() if name and isinstance(command, click.Group) else ():
            yield f"{NAME} {name} {below}", click.Context(other, root)


def _options(context: click.Context) -> dict[str, list[tuple[str, str]]]:
    """The options of a command by the sections of its help, but for --help and --lang, which all have."""
    assert isinstance(context.command, GroupedHelpCommand)
    sections: dict[str, list[tuple[str, str]]] = {}
    for param in context.command.params:
        if LANG_OPTION in param.opts and context.parent:  # the table of the app has it
            continue
        if isinstance(param, click.Option) and (record := param.get_help_record(context)):
            sections.setdefault(getattr(param, "section", _section("Other")), []).append(record)
    return sections


def _section(title: str) -> str:
    return pgettext("section of help", title)


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


def _table(title: str, heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    escaped = [(term.replace("|", r"\|"), re.sub(r"([|*])", r"\\\1", text)) for term, text in rows]
    lines = [f"| {heads[0]} | {heads[1]} |", "|---|---|", *(f"| `{term}` | {text} |" for term, text in escaped)]
    return "\n".join([f"## {title}", "", *lines, ""])


def glossary() -> str:
    """The words of the glossary by their letters, as Markdown; in another language each has its English beside it."""
    parts = []
    for first, last in _LETTERS:
        rows = [(word, meaning(word)) for word in sorted(WORDS) if first <= word[0].upper() <= last]
        named = [(_(word) if word in _(word) else f"{_(word)} {word}", told) for word, told in rows]
        lines = [f"| {name} | {told} |" for name, told in named]
        parts.append("\n".join([f"## {first} – {last}", "", "| word | what it means |", "|---|---|", *lines, ""]))
    return "\n".join(parts)


def readings() -> str:
    """How to read each view."""
    paragraphs = [f"*{name}*: {view.reading}" for name, view in VIEWS.items()]
    return "\n".join("\n".join(wrap(each, _WIDTH, break_on_hyphens=False)) + "\n" for each in paragraphs)


MADE = {"options": tables, "how-it-works": readings, "words": glossary}  # by pages: what stands at their end


def made_anew(topic: str, page: str) -> str:
    """A page with what is made from the program made anew."""
    return page.partition(_BEGIN)[0] + _BEGIN + "\n" + MADE[topic]()


if __name__ == "__main__":
    for topic in MADE:
        path = MANUAL / f"{topic}.md"
        path.write_text(made_anew(topic, path.read_text(encoding="utf-8")), encoding="utf-8")
