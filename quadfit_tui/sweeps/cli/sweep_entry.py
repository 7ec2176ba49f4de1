"""ANNEX: the command `sweep`, imported when it is called, and the app's option --sweep, for main.py."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from quadfit_tui.cli.annex import Annex, Values
from quadfit_tui.cli.output.printing import NAME
from quadfit_tui.cli.parsing.help import LazyCommand, TableOption
from quadfit_tui.cli.parsing.option_types import FileName
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.cli.status_line import StatusLine
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.sweeps.cli.combinations import COMBINATIONS

# What loads NumPy or Textual is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.sweeps.ui.sweep_screen import OpenSweep

SWEEP = LazyCommand(
    "quadfit_tui.sweeps.cli.sweep_command",
    "sweep",
    N_(
        "Train many runs that differ in some options, and write a row for each.\n\n"
        "Repeat an option of a run for several values; options of numbers also take ranges, from:to:count, such as "
        "0:0.9:10, or 0.01:1:9log, by equal factors. Each combination of the values is a run."
    ),
)
_OPTION = TableOption(
    ["--sweep", "sweep_file"],
    group="screen",
    metavar="FILE",
    type=FileName(),
    help=N_("open the file of a sweep: its runs as a table"),
)


def _run_table(values: Values, by_lines: bool) -> OpenSweep | None:
    """Loads the sweep of --sweep for the app; raises a usage error if the file has none, or no table can be shown."""
    path = values["sweep_file"]
    if path is None:
        return None
    if path == access.STANDARD_INPUT:
        refuse("--sweep", _("'-' is the keyboard, which the app needs; allowed: a file"))
    if by_lines:
        template = _("a table needs a terminal with a cursor; allowed: '{program} sweep --from FILE --plot'")
        refuse("--sweep", template.format(program=NAME))
    from quadfit_tui.sweeps.cli.sweep_plot import read_file
    from quadfit_tui.sweeps.ui.sweep_screen import OpenSweep

    name, status = shown_name(os.path.basename(path)), StatusLine()
    status.show(_("Reading {file}; press ctrl+c to stop.").format(file=name))  # a million rows take seconds
    try:
        _head, space, rows = read_file("--sweep", path)
    finally:
        status.clear()
    return OpenSweep(name, space, rows)


ANNEX = Annex({"sweep": SWEEP}, [_OPTION], COMBINATIONS, ("sweep",), run_table=_run_table)
