"""Presets: the program's, and the user's own, which are the TOML files of a folder, by their names without `.toml`."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.presets import CUSTOM, DEFAULT, OWN_DATA, PRESETS, SUMMARIES, preset_for
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.files.folders import names_in
from quadfit_tui.core.text.language import _, one_of
from quadfit_tui.core.text.quoting import LONGEST_TEXT, did_you_mean, normalized, printable, quoted, with_allowed

FOLDER = "presets"  # beside the settings
_SUFFIX = ".toml"
_LONGEST_NAME = 40  # characters
_MOST = 100  # maximum number of files that are read
_LONGEST_SUMMARY = 100  # characters


class UserPreset(NamedTuple):
    """A preset of the user's own.

    `summary` is the first comment of its file, empty if there is none; `sha256` is the SHA-256 that its file of samples
    must have, None if the preset does not state one.
    """

    config: RunConfig
    summary: str
    sha256: str | None


class Nearest(NamedTuple):
    """The preset closest to a run: its name, its configuration, the run's, and the names of the values that differ."""

    name: str
    preset: RunConfig
    run: RunConfig
    changes: tuple[str, ...]

    @property
    def title(self) -> str:
        """The run's name on the screen: its preset, with a single changed value, as `playground, lr 0.4`; or custom."""
        if not self.changes:
            return self.name
        if self.changes[1:]:
            return CUSTOM
        row = PARAMETERS[self.changes[0]]
        value = row.show(getattr(self.run, row.name))
        return _("{preset}, {name} {value}").format(preset=self.name, name=row.label, value=value)


class OwnPresetError(ValueError):
    """The error of a file that is no usable preset; the text is one line: the file, the line if known, and why."""


class PresetCatalog:
    """All presets: the program's, and `own`, the user's, as they were when `read`.

    `faults` has a line for each file that cannot be used. `folder` is called when the folder is needed; without it,
    there are the program's presets alone.
    """

    def __init__(self, folder: Callable[[], str] | None = None) -> None:
        self.own: dict[str, UserPreset] = {}
        self.faults: list[str] = []
        self._folder = folder

    @property
    def folder(self) -> str:
        """The folder of the user's own presets; empty if there is none."""
        return self._folder() if self._folder is not None else ""

    def read(self) -> None:
        """Loads the user's own presets from their folder into `own` and `faults`, in place of those read before."""
        self.own, self.faults = {}, []
        files = self._files
        for file in files[:_MOST]:
            name = _name_of(file)
            try:
                self.own[name] = _own_preset(self.folder, name, file)
            except OwnPresetError as fault:
                self.faults.append(str(fault))
            except FileNotFoundError:
                self.faults.append(_("{file}: leads to no file").format(file=_place(name)))
        if len(files) > _MOST:
            template = _("{folder} has {n} files; the first {most} are read")
            self.faults.append(template.format(folder=FOLDER, n=len(files), most=_MOST))

    def find(self, name: str) -> UserPreset | None:
        """Loads the user's preset of a name; None if there is no such file. Raises OwnPresetError if it is unusable."""
        name = _composed(name[:LONGEST_TEXT])
        if self._folder is None or not _is_name(name):
            return None
        file = name + _SUFFIX
        if not name.isascii():  # an é that was typed may be e and an accent in the file's name
            file = next((other for other in self._files if _name_of(other) == name), file)
        try:
            return _own_preset(self.folder, name, file)
        except (FileNotFoundError, NotADirectoryError):
            return None

    @property
    def own_names(self) -> list[str]:
        """The names by which the files in the user's folder can be loaded, whether or not these hold valid presets."""
        names = map(_name_of, self._files)
        return [name for name in names if _is_name(name) and normalized(name).lower() not in PRESETS]

    @property
    def _files(self) -> list[str]:
        return [name for name in names_in(self.folder) if name.endswith(_SUFFIX)] if self._folder is not None else []

    @property
    def summaries(self) -> dict[str, str]:
        """A one-line description of each preset, by name, in the user's language."""
        ours = {name: _(summary) for name, summary in SUMMARIES.items()}
        return ours | {name: preset.summary or _("your preset") for name, preset in self.own.items()}

    def config_for(self, name: str, config: RunConfig) -> RunConfig:
        """Returns the configuration of a preset that is chosen while `config` runs; `own-data` keeps the data file."""
        return self.own[name].config if name in self.own else preset_for(name, config)

    def nearest(self, run: RunConfig) -> Nearest:
        """Returns the preset with the fewest used values that differ from a run's; the first of several."""
        used = [name for name in PARAMETERS if name not in run.unused]
        presets = {name: self.config_for(name, run) for name in (*PRESETS, *self.own)}
        changes = {
            name: tuple(parameter for parameter in used if getattr(preset, parameter) != getattr(run, parameter))
            for name, preset in presets.items()
        }
        name = min(changes, key=lambda preset: len(changes[preset]))
        return Nearest(name, presets[name], run, changes[name])

    def has_other_samples_hash(self, config: RunConfig, sha256: str) -> bool:
        """Whether an own preset that trains as `config` does was saved for samples with another SHA-256."""
        return any(self.own[name].sha256 not in (None, sha256) for name in self._own_like(config))

    def _own_like(self, config: RunConfig) -> list[str]:
        used = attrgetter(*(name for name in PARAMETERS if name not in config.unused))
        return [name for name, preset in self.own.items() if used(preset.config) == used(config)]

    def make_folder(self, path: str) -> None:
        """Creates the folder of own presets if `path`, a file that will be saved, lies in it; raises OSError."""
        folder = self.folder
        if (
            folder
            and access.is_allowed(folder)
            and access.real_path(os.path.dirname(path) or ".") == access.real_path(folder)
        ):
            access.make_folder(os.path.join(folder, "new" + _SUFFIX))


def _name_of(file: str) -> str:
    """Returns the name of the preset in a file, in NFC."""
    return _composed(file.removesuffix(_SUFFIX))


def _composed(name: str) -> str:
    """Returns the name in NFC: a letter and its accents are one character if Unicode has one."""
    return unicodedata.normalize("NFC", name)


def _is_name(name: str) -> bool:
    """Whether a preset may have this name: it needs no quotes after --preset, and all its characters are visible."""
    kinds = [unicodedata.category(char)[0] for char in name]  # L: a letter, M: a mark on one, N: a digit
    fits = all(kind in "LMN" or char in "-_" for char, kind in zip(name, kinds, strict=True))
    return fits and 0 < len(name) <= _LONGEST_NAME and kinds[0] in "LN"


def _place(name: str, line: int | None = None) -> str:
    """Formats the file of a preset, and a line in it, for messages: `presets/name.toml:3`."""
    return f"{FOLDER}/{name}{_SUFFIX}" + ("" if line is None else f":{line}")


def _own_preset(folder: str, name: str, file: str) -> UserPreset:
    """Loads the preset in a file; raises OwnPresetError, or FileNotFoundError or NotADirectoryError without a file."""
    if not _is_name(name):
        problem = _("{folder}: {name} is not a name of a preset").format(folder=FOLDER, name=quoted(name))
        allowed = _("up to {most} letters and digits of any script, - and _").format(most=_LONGEST_NAME)
        raise OwnPresetError(with_allowed(problem, allowed))
    from quadfit_tui.core.config.toml.toml_file import LARGEST_FILE, PRESET, parse_config_table
    from quadfit_tui.core.config.toml.toml_table import TomlError, TomlTable

    try:
        content = access.read(os.path.join(folder, file), LARGEST_FILE, waits=False)
        if normalized(name).lower() in (*PRESETS, CUSTOM):
            fault = _("{file}: the program has a preset of this name; give the file another one")
            raise OwnPresetError(fault.format(file=_place(name)))
        table = TomlTable(content)
        values = parse_config_table(table, folder)
        sha256 = values.pop(DIGEST, None)
        base = values.pop(PRESET, OWN_DATA if values.get("data") else DEFAULT)
        if base not in PRESETS:  # own presets cannot build on each other
            problem = did_you_mean(_("is no preset of the program"), base, PRESETS)
            raise ConfigError((PRESET,), base, problem, one_of([*PRESETS]))
        config = PRESETS[base].with_values(values)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as failure:
        fault = _("{file}: it {problem}").format(file=_place(name), problem=refusals.read_error(failure))
        raise OwnPresetError(fault) from None
    except TomlError as broken:
        raise OwnPresetError(f"{_place(name, broken.line)}: {broken.brief}") from None
    except ConfigError as refused:
        key = refused.names[0]
        raise OwnPresetError(f"{_place(name, table.line_of(key))}: {key} = {refused.problem}") from None
    return UserPreset(config, _summary(table.text), sha256)


def _summary(text: str) -> str:
    """Returns the comment in the first line of a preset's file that is not blank; empty if that is no comment."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    comment = printable(line.lstrip("#").strip()) if line.startswith("#") else ""
    return comment[:_LONGEST_SUMMARY]
