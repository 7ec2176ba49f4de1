"""SweepHeader: the definition of a sweep, and FILE.toml, the file beside its rows that stores it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from quadfit_tui import __version__
from quadfit_tui.core.config.other_names import did_you_mean_name
from quadfit_tui.core.config.parameters import DIGEST, PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_file import LARGEST_SWEEP, SWEEP, parse_config_table
from quadfit_tui.core.config.toml.toml_table import TomlError, TomlTable
from quadfit_tui.core.config.toml.toml_writer import array_lines, toml_lines, value_text
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.files.atomic_file import AtomicFile
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.samples.sample_text import LARGEST_FILE
from quadfit_tui.core.text.language import _, in_english, ngettext
from quadfit_tui.core.text.quoting import quoted, with_allowed
from quadfit_tui.sweeps.axes import MOST_VALUES
from quadfit_tui.sweeps.space import Cells, Space


class SweepFileError(ValueError):
    """A file does not hold a usable sweep; the text is one line, to be put after the file's name."""


@dataclass(frozen=True, eq=False)
class SweepHeader:
    """The definition of a sweep: its `space` of cells, of which `random` are drawn, None: all; and its circumstances.

    `digests` are the SHA-256 of the files of samples, by their paths; `names` are the rows' names of these files, if
    they differ: paths relative to the folder in which the sweep was started. The bits of the rows are equal on one kind
    of processor with one `version` of quadfit-tui and one of `numpy`. `suspects` are cells that were being trained when
    a process died.
    """

    space: Space
    random: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    version: str = __version__
    numpy: str = np.__version__
    suspects: tuple[int, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, space: Space, problem: Dataset | None = None, random: int | None = None) -> SweepHeader:
        """Makes the header of a sweep that is about to be trained here; `problem` has the samples if they are loaded.

        Raises ConfigError if a file of samples cannot be read, or a parameter has too many values.
        """
        for name, values in space.axes.items():
            if len(values) > MOST_VALUES:
                count = ngettext("{n} value", "{n} values", len(values))
                allowed = _("at most {most} of a parameter").format(most=f"{MOST_VALUES:,}")
                raise ConfigError((name,), count, _("are too many"), allowed)
        return cls(space, random, digests_of(space, problem))

    @cached_property
    def chosen(self) -> Cells:
        """The numbers of the cells to train, increasing: those that were drawn, or all."""
        return np.arange(len(self.space)) if self.random is None else self.space.drawn(self.random)

    def differences(self, other: SweepHeader) -> list[str]:
        """Returns the differences from a later header that change the rows' bits, as clauses; empty: it can resume."""
        return [*self._differences(other)]

    def _differences(self, other: SweepHeader) -> Iterator[str]:
        """Yields the differences: of parameters, files of samples, the runs, and versions."""
        for name, row in PARAMETERS.items():
            old, new = self._values(name), other._values(name)
            if old == new:
                continue
            if name == "data":
                yield _("the files of samples are others")
            elif len(old) == len(new) == 1:
                template = _("{what} was {old}, and is {new} now")
                yield template.format(what=row.label, old=old[0] or _("none"), new=new[0] or _("none"))
            else:
                yield _("{parameter} has other values").format(parameter=row.label)
        if [*self.space.axes] != [*other.space.axes] or self.random != other.random:
            yield _("the runs are others, or in another order")
        for what, was, now in (("quadfit-tui", self.version, other.version), ("NumPy", self.numpy, other.numpy)):
            if was != now:
                yield _("the version of {program} was {old}, and is {new} now").format(program=what, old=was, new=now)

    def _values(self, name: str) -> list[str]:
        """Returns the values of a parameter as text, to compare them; for files of samples, their SHA-256."""
        if name == "data":
            return [self.digests.get(value, "") for value in self.space.values(name)]
        return list(map(PARAMETERS[name].show, self.space.values(name)))

    # The file

    def write(self, path: str, *, overwrites: bool = True) -> None:
        """Writes the TOML file beside the rows in the file `path`; raises OSError with its name."""
        try:
            with closing(AtomicFile(toml_path(path), waits=False, overwrites=overwrites)) as file:
                file.write(self._lines(path))
                file.sync()
                file.finalize()
        except OSError as failure:
            failure.filename = toml_path(path)
            raise

    def _lines(self, path: str) -> list[str]:
        """Formats the TOML file beside the rows in the file `path`."""
        base, rows = self.space.base, os.path.basename(path)
        with in_english():
            heading = [
                f"What the runs in {rows} have in common, and below what varies; this command trains them again:",
                f"quadfit-tui sweep -c {rows}.toml -o {rows}",
            ]
        data = base.data or ""
        folder = os.path.dirname(path)
        lines = toml_lines(base, heading, data and access.path_for(folder, data), self.digests.get(data, ""))
        facts: dict[str, Any] = {"version": self.version, "numpy": self.numpy, "random": self.random}
        names = [self.names.get(file, file) for file in self.digests]
        lines += ["", f"[{SWEEP}]", *(f"{key} = {value_text(value)}" for key, value in facts.items() if value)]
        if names:
            lines += ["# files of samples as the rows name them", *_array("data", names)]
        if self.suspects:
            lines += [
                "# cells that a process died with: they are trained one by one",
                *_array("suspects", self.suspects),
            ]
        lines += ["", f"[{SWEEP}.values]"]
        for name, axis in self.space.axes.items():
            values = [value and access.path_for(folder, value) for value in axis] if name == "data" else axis
            lines += _array(name, [PARAMETERS[name].show(None) if value is None else value for value in values])
        if "data" in self.space.axes:
            lines += ["", f"[{SWEEP}.{DIGEST}]"]
            lines += [
                f'{value_text(access.path_for(folder, file))} = "{digest}"' for file, digest in self.digests.items()
            ]
        return lines

    @classmethod
    def read(cls, path: str) -> SweepHeader:
        """Reads the header of a sweep from the TOML file beside the rows in the file `path`; raises SweepFileError."""
        beside = toml_path(path)

        def wrong(problem: str) -> SweepFileError:
            message = _("goes with {file}, which {problem}").format(file=quoted(beside), problem=problem)
            return SweepFileError(with_allowed(message, _("the two files of a sweep as 'sweep' wrote them")))

        try:
            table = TomlTable(access.read(beside, LARGEST_SWEEP, waits=False))
            values = parse_config_table(table, os.path.dirname(path), sweeps=True)
            facts = values.pop(SWEEP)
            digest = values.pop(DIGEST, "")
            axes = axes_of(facts, os.path.dirname(path))
            digests = {values["data"]: digest} if values.get("data") else {}
            digests |= {
                access.path_from(os.path.dirname(path), file): sha for file, sha in facts.get(DIGEST, {}).items()
            }
            head = cls(Space(RunConfig(**values), axes), facts.get("random"), digests, facts["version"], facts["numpy"])
            names = dict(zip(filter(None, head.space.values("data")), map(str, facts.get("data", ())), strict=True))
            head = replace(head, suspects=tuple(map(int, facts.get("suspects", ()))), names=names)
            if head.random is not None and not 0 < head.random <= len(head.space):
                raise ValueError("random")
            return head
        except FileNotFoundError:
            raise wrong(_("is missing")) from None
        except OSError as failure:
            raise wrong(_("cannot be read: {problem}").format(problem=refusals.reason(failure))) from None
        except TomlError as refused:
            raise wrong(str(refused)) from None
        except ConfigError as refused:
            problem = f"{refused.names[0]} = {refused.problem}"
            raise wrong(_("has a value that is refused: {problem}").format(problem=problem)) from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise wrong(_("was changed, or is not of a sweep")) from None


def toml_path(path: str) -> str:
    """Returns the name of the TOML file beside the rows in the file `path`."""
    return f"{path}.toml"


def axes_of(facts: Mapping[str, Any], folder: str) -> dict[str, list[Any]]:
    """Parses the axes of a sweep's TOML table, with paths from `folder`; raises ConfigError, or others if damaged."""
    axes = {}
    for name, values in facts["values"].items():
        if name not in PARAMETERS:
            reason = did_you_mean_name(_("is a value of no parameter of a run"), name, PARAMETERS)
            raise ConfigError((name,), str(values), reason, "")
        if not isinstance(values, list) or not values:
            raise ConfigError((name,), str(values), _("is no list of values"), _("a list, such as [0.1, 0.3]"))
        axes[name] = [PARAMETERS[name].parse(value) for value in values]
        if name == "data":
            axes[name] = [value and access.path_from(folder, value) for value in axes[name]]
    return axes


def digests_of(space: Space, problem: Dataset | None) -> dict[str, str]:
    """Returns the SHA-256 of each file of samples of a sweep, by name; raises ConfigError if one cannot be read."""
    known = {} if problem is None or space.base.data is None else {space.base.data: problem.sha256}
    return {name: known.get(name) or digest_of(name) for name in dict.fromkeys(filter(None, space.values("data")))}


def digest_of(name: str) -> str:
    """Computes the SHA-256 of a file of samples; raises ConfigError if it cannot be read."""
    digest = sha256()
    try:
        for block in access.blocks(name, LARGEST_FILE):
            digest.update(block)
    except OSError as failure:
        raise ConfigError(
            ("data",), name, refusals.read_error_with_allowed(failure, _("a CSV file"), LARGEST_FILE), ""
        ) from None
    return digest.hexdigest()


def _array(name: str, values: Sequence[Any]) -> list[str]:
    """Formats a key of TOML with an array of values, on several lines if it is long."""
    first, *others = array_lines(values)
    return [f"{name} = {first}", *others]
