"""The pages of man and the completions of shells, made from the commands: a page is the help, written in roff.

click-man knows no groups of options, examples or exit codes; here click's help goes through another formatter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from click.shell_completion import ShellComplete, get_completion_class

from quadfit_tui import __version__
from quadfit_tui.cli.parsing.completion import complete_options_with_values
from quadfit_tui.main import cli

NAME = "quadfit-tui"
Rows = list[tuple[str, str]]  # terms, and what is said of each
_COMPLETIONS = {
    "bash": f"bash-completion/completions/{NAME}",
    "zsh": f"zsh/site-functions/_{NAME}",
    "fish": f"fish/vendor_completions.d/{NAME}.fish",
}
# Sections of the help that are sections of a page, too, under the names that these have by custom.
_SECTIONS = {
    "Commands": "COMMANDS",
    "Positional arguments": "ARGUMENTS",
    "Keys": "KEYS",
    "Environment variables": "ENVIRONMENT",
    "Files": "FILES",
    "Exit codes": "EXIT STATUS",
    "Examples": "EXAMPLES",
}
_ORDER = (
    *("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "ARGUMENTS", "KEYS", "OPTIONS"),
    *("EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"),
)
# Headings above tables of the manual, by its pages, which the page of the app has, too.
_OF_MANUAL = {"keys": ("Keys",), "settings": ("Environment variables", "Files")}
# What roff would read as its own, or typeset as a character that a shell does not know.
_ESCAPED = str.maketrans({"\\": r"\(rs", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"})


def shell_files(root: Path) -> dict[str, str]:
    """The text of each file, by its path below share/; `root` has CHANGELOG.md and the manual."""
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.search(rf"^## {re.escape(__version__)} - (\S+)$", changes, re.MULTILINE)
    date = released[1] if released else ""
    contexts = list(_commands(cli, NAME))
    names = [_page_name(context) for context in contexts]
    manual = {name: (root / f"quadfit_tui/manual/{name}.md").read_text(encoding="utf-8") for name in _OF_MANUAL}
    tables = [(heading, rows_below(heading, manual[name])) for name in manual for heading in _OF_MANUAL[name]]
    pages = {
        f"man/man1/{name}.1": page(context, date, names, tables if name == NAME else [])
        for context, name in zip(contexts, names, strict=True)
    }
    return pages | {path: _completion(shell) for shell, path in _COMPLETIONS.items()}


def rows_below(heading: str, text: str) -> Rows:
    """The rows of the table of two columns that a page of the manual has below a heading."""
    table = text.partition(f"# {heading}\n\n")[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in re.sub("[`*]", "", table).splitlines()[2:]]
    return [(term, text) for term, text in cells]


def _commands(command: click.Command, name: str, parent: click.Context | None = None) -> Iterator[click.Context]:
    """A command and all below it."""
    context = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    yield context
    if isinstance(command, click.Group):
        for below, other in command.commands.items():
            yield from _commands(other, below, context)


def _page_name(context: click.Context) -> str:
    return context.command_path.replace(" ", "-")


def _completion(shell: str) -> str:
    complete_options_with_values()
    completer = get_completion_class(shell)
    assert completer is not None
    # Not the source() of bash's own class, which would ask the bash of this machine for its version.
    script = ShellComplete.source(completer(cli, {}, NAME, "_QUADFIT_TUI_COMPLETE"))
    if shell == "zsh":  # which runs the whole file for each completion; click's ending completes at the first one only
        script, ending, _ = script.partition("\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then")
        assert ending
        script += '\n_quadfit_tui_completion "$@"'
    return script.rstrip() + "\n"


def page(context: click.Context, date: str, names: Iterable[str], tables: Iterable[tuple[str, Rows]] = ()) -> str:
    """The page of a command; `names` are all pages, `tables` what its help does not have, each below a heading."""
    formatter, name = _Roff(), _page_name(context)
    context.command.format_help(context, formatter)
    for heading, rows in tables:
        with formatter.section(heading):
            formatter.write_dl(rows)
    summary = context.command.get_short_help_str(formatter.width).rstrip(".")
    formatter.sections["NAME"] = [_roff(f"{name} - {summary[0].lower()}{summary[1:]}")]
    others = ",\n".join(rf"\fB{_roff(other)}\fR(1)" for other in names if other != name)
    lines = [f'.TH "{_roff(name.upper())}" 1 "{date}" "{NAME} {__version__}" "User Commands"', ".nh"]
    for title in _ORDER:
        if formatter.sections[title]:
            lines += [f'.SH "{title}"', *formatter.sections[title]]
    return "\n".join([*lines, '.SH "SEE ALSO"', others, ""])


class _Roff(click.HelpFormatter):
    """Takes the help of a command as roff, by sections."""

    def __init__(self) -> None:
        super().__init__(width=100_000)  # roff wraps the lines, and nothing is to be cut
        self.sections: dict[str, list[str]] = {title: [] for title in _ORDER}
        self._section = self.sections["DESCRIPTION"]

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """A section, or a group of options."""
        outer = self._section
        self._section = self.sections[_SECTIONS.get(name, "OPTIONS")]
        if name not in _SECTIONS:
            self._section.append(f'.SS "{_roff(name)}"')
        yield
        self._section = outer

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002
        self.sections["SYNOPSIS"].append(rf"\fB{_roff(prog)}\fR {_roff(args)}".rstrip())

    def write_text(self, text: str) -> None:
        for paragraph in text.split("\n\n"):
            self._section += [".PP"] * bool(self._section) + [_roff(" ".join(paragraph.split()))]

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:  # noqa: ARG002
        for term, text in rows:
            self._section += [".TP", _term(term), _roff(" ".join(text.split()))]


def _term(term: str) -> str:
    """What a row is about: bold, but for the placeholder behind an option."""
    words = term.split() if term.startswith("-") else [term]
    return " ".join(rf"\f{'B' if word == term or word.startswith('-') else 'I'}{_roff(word)}\fR" for word in words)


def _roff(text: str) -> str:
    """Text as text of roff, in ASCII: a line that begins with a dot would be a request."""
    letters = (letter if letter.isascii() else rf"\[u{ord(letter):04X}]" for letter in text.translate(_ESCAPED))
    return (r"\&" if text.startswith(".") else "") + "".join(letters)
