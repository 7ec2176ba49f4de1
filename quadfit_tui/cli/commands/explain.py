"""The command `explain`: how it works, in five steps and the formulas."""

from __future__ import annotations

import sys

import click

from quadfit_tui.cli.help import GroupedHelpCommand
from quadfit_tui.cli.output import OK, end_with_reader, knows_unicode, open_output


@click.command(cls=GroupedHelpCommand)
def explain() -> int:
    """Explain how it works: five steps and the formulas."""
    from quadfit_tui.core.explain.principle import TITLE, page
    from quadfit_tui.core.text.ascii import ascii_of
    from quadfit_tui.core.text.document import document_lines
    from quadfit_tui.ui.views import VIEWS

    end_with_reader()
    sections = page({name: view.reading for name, view in VIEWS.items()})
    with open_output(None) as put:
        put(document_lines(TITLE, sections, str if knows_unicode(sys.stdout) else ascii_of))
    return OK
