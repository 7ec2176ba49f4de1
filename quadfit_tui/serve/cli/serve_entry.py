"""ANNEX: the command `serve` as main.py has it, which is loaded when it is called."""

from quadfit_tui.cli.annex import Annex
from quadfit_tui.cli.parsing.combinations import WITHOUT, OptionRule
from quadfit_tui.cli.parsing.help import LazyCommand
from quadfit_tui.core.text.language import N_

SERVE = LazyCommand(
    "quadfit_tui.serve.cli.serve_command",
    "serve",
    N_(
        "Serve the app to browsers: each page that opens the address has the app to itself.\n\n"
        "Pages save files by downloading them, and read nothing of the server; nothing of theirs stays there, but "
        "for answers to lessons with --records. Options of the app go after --."
    ),
)
COMBINATIONS = {
    "serve": (
        OptionRule(("names",), WITHOUT, ("--records DIR",)),
        OptionRule(("records",), WITHOUT, ("--names FILE",)),
    ),
}
ANNEX = Annex({"serve": SERVE}, combinations=COMBINATIONS)
