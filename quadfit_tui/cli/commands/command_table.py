"""COMMANDS: where each command of the simulator is defined, and its help, which is listed without loading it."""

from quadfit_tui.cli.parsing.help import LazyCommand
from quadfit_tui.core.text.language import noted

COMMANDS = {
    "run": LazyCommand(
        "quadfit_tui.cli.commands.run", "run", noted("Train without the app, and print one line per epoch.")
    ),
    "sweep": LazyCommand(
        "quadfit_tui.sweeps.cli.sweep_command",
        "sweep",
        noted(
            "Train many runs that differ in some options, and write a row for each.\n\n"
            "Repeat an option of a run for several values; options of numbers also take ranges, from:to:count, such as "
            "0:0.9:10, or 0.01:1:9log, by equal factors. Each combination of the values is a run."
        ),
    ),
    "serve": LazyCommand(
        "quadfit_tui.serve.serve_command",
        "serve",
        noted(
            "Serve the app to browsers: each page that opens the address has the app to itself.\n\n"
            "Pages save files by downloading them, and read nothing of the server; nothing of theirs stays there, but "
            "for answers to lessons with --records. Options of the app go after --."
        ),
    ),
    "presets": LazyCommand(
        "quadfit_tui.cli.commands.presets", "presets", noted("List the presets and what each one changes.")
    ),
    "explain": LazyCommand(
        "quadfit_tui.cli.commands.manual",
        "explain",
        noted("Explain how it works: five steps and the formulas. The first page of the manual."),
    ),
    "manual": LazyCommand(
        "quadfit_tui.cli.commands.manual",
        "manual",
        noted("Read the manual: keys, options, settings, data, numbers and more. Without TOPIC, it lists the pages."),
    ),
}
