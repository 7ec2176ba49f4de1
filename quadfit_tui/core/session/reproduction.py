"""Reproduction of a run and a moment of it: the command, quoted for a shell, and a TOML file."""

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
from quadfit_tui.core.training.position import START, Position, moment
from quadfit_tui.core.training.status import Status


class NotReproducibleError(ValueError):
    """Nothing that could be written down gives this run; the text says why, as a sentence for the user."""


def command(session: RunSession, views: Sequence[str] = (), *, ascii: bool = False) -> list[str]:
    """The words of the command that opens the app with the present run at the visited moment, quoted for a shell.

    They say what differs from the nearest preset and from how the app begins; `views` are what --view takes. With
    `ascii` there are no other characters. Raises NotReproducibleError.
    """
    snapshot, config, position = session.snapshot(), session.config, session.timeline.position
    words = ["quadfit-tui", *_words(session.timeline.task)]
    newest = session.timeline.newest
    if (end := session.timeline.end) is not None and end.status is Status.DIVERGED:
        # To the update that is not there: by that it is known.
        newest = min(session.timeline.after(newest), Position(config.epochs, 0))
    words += ["--at", moment(position)]  # also at the start: with it, saved views and speeds make no difference
    if newest != position:
        words += ["--trained-to", moment(newest)]
    for view in views:
        words += ["--view", view]
    if snapshot.unit is not Unit.EPOCH:
        words += ["--unit", snapshot.unit]
    speed = next((name for name, speed in SPEEDS.items() if speed == snapshot.speed), None)  # none: it is a lesson's
    if speed is not None and snapshot.speed != DEFAULT_SPEED:
        words += ["--speed", speed]
    return [ascii_shell_word(word) if ascii else shell_word(word) for word in words]


def run_command(task: FitTask, options: Sequence[str]) -> str:
    """The command that trains a run without the app, with other options of `run`; raises NotReproducibleError."""
    return typed(["quadfit-tui", "run", *_words(task), *options])


def app_command(task: FitTask, position: Position) -> str:
    """The command that opens the app with a run at one of its moments; raises NotReproducibleError."""
    return typed(["quadfit-tui", *_words(task), "--at", moment(position)])


def _words(task: FitTask) -> list[str]:
    return config_words(task.config, task.problem.sha256)


def config_words(config: RunConfig, sha256: str, without: Collection[str] = ()) -> list[str]:
    """Returns the options of a configuration: the nearest preset, and what differs, but for some parameters.

    `sha256` is that of its file of samples. Raises NotReproducibleError.
    """
    if config.data is not None:
        check_named(config.data)
    preset, names = nearest_preset(config, without)
    words = ["--preset", preset]  # whatever the base would be without
    for name in names:
        words += parameter_words(name, getattr(config, name), sha256)
    return words


def parameter_words(name: str, value: object, sha256: str) -> list[str]:
    """Returns the option of a parameter; that of a file of samples has its `sha256` with it."""
    words = PARAMETERS[name].as_argv(value)
    return [*words, f"--{DIGEST.replace('_', '-')}", sha256] if name == "data" else words


def typed(words: Sequence[str]) -> str:
    """Returns the words of a command as people type them into a shell."""
    return " ".join(map(shell_word, words))


def in_lines(words: list[str], width: int) -> str:
    """A command in lines that a shell takes for one, of at most `width` columns where no word is longer."""
    lines = [words[0]]
    for word in words[1:]:
        if cell_width(f"{lines[-1]} {word} \\") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return " \\\n".join(lines)


def write_config(path: str, task: FitTask, position: Position, *, overwrites: bool = False) -> None:
    """Writes the configuration of a run as a TOML file, which --config reads back to the same run.

    A file that holds something already is FileExistsError, unless this `overwrites` it. Raises OSError where it cannot
    be written, NotReproducibleError.
    """
    if task.config.data and access.is_same(path, task.config.data):
        raise OSError(errno.EINVAL, _("it is the data of this run"))
    write_lines(path, config_lines(path, task, position), overwrites=overwrites, is_settings=True)


def config_lines(path: str, task: FitTask, position: Position = START, facts: Sequence[str] = ()) -> list[str]:
    """The lines of such a file; `facts` are others of its heading. Raises NotReproducibleError."""
    from quadfit_tui.core.config.toml.toml_writer import toml_lines  # most runs are not written

    data = task.config.data or ""
    if data:
        check_named(data)
        data = access.path_for(os.path.dirname(path), data)
    words = config_command("-c", path, position)
    with in_english():
        heading = [_summary(task.config), "A run of quadfit-tui, which this command gives again:", words, *facts]
        return toml_lines(task.config, heading, data, task.problem.sha256)


def config_command(option: str, path: str, position: Position) -> str:
    """The command that opens the app, by -c or --config, with the run of such a file at one of its moments."""
    at = [] if position == START else ["--at", moment(position)]
    return typed(["quadfit-tui", option, path, *at])


def _summary(config: RunConfig) -> str:
    """What a run is, for the list of presets, where its file may come to stand."""
    preset = nearest_preset(config)[0]
    differs = ", ".join(differences(PRESETS[preset], config, "{name} {new}"))
    return f"{preset} with {differs}" if differs else f"like {preset}"


def check_named(data: str) -> None:
    """Raises NotReproducibleError where the samples of a run are not those of a file that somebody could name."""
    if virtual_files.is_provided(data):
        raise NotReproducibleError(_("The samples of this run are part of a lesson: open the lesson to see it again."))
    if data.startswith(IN_MEMORY):
        raise NotReproducibleError(_("The samples of this run are in the memory of a Python program: save them there."))
    if not data.isprintable():
        why = _("The name of the data file has characters that cannot be shown: rename the file.")
        raise NotReproducibleError(why)
