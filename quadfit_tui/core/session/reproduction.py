"""Reproduces a run and a moment of it: writes the command, quoted for a shell, and a TOML file."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Sequence

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.parameters import DIGEST, IN_MEMORY, PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS, nearest_preset
from quadfit_tui.core.files import access, virtual_files
from quadfit_tui.core.files.atomic_file import write_lines
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.playback import DEFAULT_SPEED, SPEEDS, Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.language import _, in_english
from quadfit_tui.core.text.quoting import ascii_shell_word, shell_word
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.core.training.position import START, Position, format_moment
from quadfit_tui.core.training.status import Status


class NotReproducibleError(ValueError):
    """Raised if no command or file could reproduce a run; its text is a sentence on why, for the user."""


def command(session: RunSession, views: Sequence[str] = (), *, ascii: bool = False) -> list[str]:
    """Returns the words of the command that opens the app with the current run at the visited moment.

    They are quoted for a shell. They include what differs from the nearest preset and from how the app begins; `views`
    are values of --view. With `ascii` they have no other characters. Raises NotReproducibleError.
    """
    snapshot, config, position = session.snapshot(), session.config, session.timeline.position
    words = ["quadfit-tui", *_words(session.timeline.task)]
    newest = session.timeline.newest
    if (end := session.timeline.end) is not None and end.status is Status.DIVERGED:
        # Only the update after the newest position shows that it diverges.
        newest = min(session.timeline.after(newest), Position(config.epochs, 0))
    words += ["--at", format_moment(position)]  # also at the start: so the app ignores saved views and speeds
    if newest != position:
        words += ["--trained-to", format_moment(newest)]
    for view in views:
        words += ["--view", view]
    if snapshot.unit is not Unit.EPOCH:
        words += ["--unit", snapshot.unit]
    speed = next((name for name, speed in SPEEDS.items() if speed == snapshot.speed), None)  # None: a lesson set it
    if speed is not None and snapshot.speed != DEFAULT_SPEED:
        words += ["--speed", speed]
    return [ascii_shell_word(word) if ascii else shell_word(word) for word in words]


def run_command(task: FitTask, options: Sequence[str]) -> str:
    """Returns the command that trains a run without the app, with `options` of run; raises NotReproducibleError."""
    return shell_line(["quadfit-tui", "run", *_words(task), *options])


def app_command(task: FitTask, position: Position) -> str:
    """Returns the command that opens the app with a run at one of its moments; raises NotReproducibleError."""
    return shell_line(["quadfit-tui", *_words(task), "--at", format_moment(position)])


def _words(task: FitTask) -> list[str]:
    """Returns the options that reproduce a task; raises NotReproducibleError."""
    return config_words(task.config, task.problem.sha256)


def config_words(config: RunConfig, sha256: str, without: Collection[str] = ()) -> list[str]:
    """Returns the options of a configuration: the nearest preset and the differences, except for `without`.

    `without` are names of parameters; `sha256` is that of the file of samples. Raises NotReproducibleError.
    """
    if config.data is not None:
        check_named(config.data)
    preset, names = nearest_preset(config, without)
    words = ["--preset", preset]  # the default base may be another one
    for name in names:
        words += parameter_words(name, getattr(config, name), sha256)
    return words


def parameter_words(name: str, value: object, sha256: str) -> list[str]:
    """Returns the option of a parameter; for a file of samples, also the option of its `sha256`."""
    words = PARAMETERS[name].as_argv(value)
    return [*words, f"--{DIGEST.replace('_', '-')}", sha256] if name == "data" else words


def shell_line(words: Sequence[str]) -> str:
    """Joins the words of a command into a line for a shell, quoted if necessary."""
    return " ".join(map(shell_word, words))


def wrap_command(words: list[str], width: int) -> str:
    """Wraps a command at `width` columns with backslashes, so that a shell reads one line; long words stay whole."""
    lines = [words[0]]
    for word in words[1:]:
        if cell_width(f"{lines[-1]} {word} \\") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return " \\\n".join(lines)


def write_config(path: str, task: FitTask, position: Position, *, overwrites: bool = False) -> None:
    """Writes the configuration of a run as a TOML file, which --config reads back to the same run.

    Raises FileExistsError if the file has content already, unless `overwrites`; OSError if it cannot be written;
    NotReproducibleError.
    """
    if task.config.data and access.is_same(path, task.config.data):
        raise OSError(errno.EINVAL, _("it is the data of this run"))
    write_lines(path, config_lines(path, task, position), overwrites=overwrites, is_settings=True)


def config_lines(path: str, task: FitTask, position: Position = START, facts: Sequence[str] = ()) -> list[str]:
    """Returns the lines of the TOML file of a run; raises NotReproducibleError.

    `facts` are more lines of its heading.
    """
    from quadfit_tui.core.config.toml.toml_writer import toml_lines  # loaded late, as most runs are not written

    data = task.config.data or ""
    if data:
        check_named(data)
        data = access.path_for(os.path.dirname(path), data)
    words = config_command("-c", path, position)
    with in_english():
        heading = [_summary(task.config), "A run of quadfit-tui, which this command gives again:", words, *facts]
        return toml_lines(task.config, heading, data, task.problem.sha256)


def config_command(option: str, path: str, position: Position) -> str:
    """Returns the command that opens the app with such a file, by the option -c or --config, at a moment."""
    moment_words = [] if position == START else ["--at", format_moment(position)]
    return shell_line(["quadfit-tui", option, path, *moment_words])


def _summary(config: RunConfig) -> str:
    """Summarizes a run for the list of presets, in case its file is saved as one: `article with lr 0.2`."""
    preset = nearest_preset(config)[0]
    differs = ", ".join(differences(PRESETS[preset], config, "{name} {new}"))
    return f"{preset} with {differs}" if differs else f"like {preset}"


def check_named(data: str) -> None:
    """Checks that the samples of a run come from a nameable file; raises NotReproducibleError if not."""
    if virtual_files.is_provided(data):
        raise NotReproducibleError(_("The samples of this run are part of a lesson: open the lesson to see it again."))
    if data.startswith(IN_MEMORY):
        raise NotReproducibleError(_("The samples of this run are in the memory of a Python program: save them there."))
    if not data.isprintable():
        why = _("The name of the data file has characters that cannot be shown: rename the file.")
        raise NotReproducibleError(why)
