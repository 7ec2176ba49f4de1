"""What gives a run and a moment of it again: the command, as people type it into a shell, and a TOML file."""

from __future__ import annotations

import errno
import os
import shlex

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS, nearest_preset
from quadfit_tui.core.files import access, provided
from quadfit_tui.core.files.line_file import write_lines
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.training.position import START, Position, moment


class NotReproducibleError(ValueError):
    """Nothing that could be written down gives this run; the text says why, as a sentence for the user."""


def command(task: Task, position: Position, *options: str) -> list[str]:
    """The words of the command that opens the app with the run of a task at a position, quoted for a shell.

    They say what differs from the nearest preset; `options` are those of what else is to be as it is. Raises
    NotReproducibleError.
    """
    config = task.config
    if config.data is not None:
        check_named(config.data)
    preset, names = nearest_preset(config)
    words = ["quadfit-tui", "--preset", preset]
    for name in names:
        words += PARAMETERS[name].words(getattr(config, name))
        if name == "data":
            words += [f"--{DIGEST.replace('_', '-')}", task.problem.sha256]
    if position != START:
        words += ["--at", moment(position)]
    return [shlex.quote(word) for word in (*words, *options)]


def in_lines(words: list[str], width: int) -> str:
    """A command in lines that a shell takes for one, of at most `width` characters where no word is longer."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + len("  \\") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return " \\\n".join(lines)


def write_config(path: str, task: Task, position: Position, *, overwrites: bool = False) -> None:
    """Writes the configuration of a run as a TOML file, which --config reads back to the same run.

    A file that holds something already is FileExistsError, unless this `overwrites` it. Raises OSError where it cannot
    be written, NotReproducibleError.
    """
    from quadfit_tui.core.config.toml_writer import toml_lines  # most runs are not written

    data = task.config.data or ""
    if data:
        check_named(data)
        if access.is_same(path, data):
            raise OSError(errno.EINVAL, "it is the data of this run")
        data = access.path_for(os.path.dirname(path), data)
    at = [] if position == START else ["--at", moment(position)]
    words = shlex.join(["quadfit-tui", "-c", path, *at])
    heading = [_summary(task.config), "A run of quadfit-tui, which this command gives again:", words]
    lines = toml_lines(task.config, heading, data, task.problem.sha256)
    write_lines(path, lines, overwrites=overwrites)


def _summary(config: RunConfig) -> str:
    """What a run is, for the list of presets, where its file may come to stand."""
    preset, _ = nearest_preset(config)
    differs = ", ".join(differences(PRESETS[preset], config, "{0} {2}"))
    return f"{preset} with {differs}" if differs else f"like {preset}"


def check_named(data: str) -> None:
    """Raises NotReproducibleError where the samples of a run are not those of a file that somebody could name."""
    if provided.is_provided(data):
        raise NotReproducibleError("The samples of this run are part of a lesson: open the lesson to see it again.")
    if not data.isprintable():
        raise NotReproducibleError("The name of the data file has characters that cannot be shown: rename the file.")
