"""COMMANDS: where each command of the simulator is defined, and its help, which is listed without loading it."""

from quadfit_tui.cli.parsing.help import LazyCommand
from quadfit_tui.core.text.language import N_

COMMANDS = {
    "run": LazyCommand(
        "quadfit_tui.cli.commands.run", "run", N_("Train without the app, and print one line per epoch.")
    ),
    "presets": LazyCommand(
        "quadfit_tui.cli.commands.presets", "presets", N_("List the presets and what each one changes.")
    ),
    "explain": LazyCommand(
        "quadfit_tui.cli.commands.manual",
        "explain",
        N_("Explain how it works: five steps and the formulas. The first page of the manual."),
    ),
    "manual": LazyCommand(
        "quadfit_tui.cli.commands.manual",
        "manual",
        N_("Read the manual: keys, options, settings, data, numbers and more. Without TOPIC, it lists the pages."),
    ),
}
