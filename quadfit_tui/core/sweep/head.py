"""Head: what a sweep is: what its cells are made from, and by which programs and processors they are computed."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from quadfit_tui import __version__
from quadfit_tui.core.config.parameters import DIGEST, IN_MEMORY, PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.config.toml.toml_file import LARGEST_FILE as LARGEST_BASE
from quadfit_tui.core.config.toml.toml_file import PRESET, values_of
from quadfit_tui.core.config.toml.toml_table import TomlError, TomlTable
from quadfit_tui.core.config.toml.toml_writer import toml_lines
from quadfit_tui.core.files import access, refusals
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.model.samples.sample_text import LARGEST_FILE
from quadfit_tui.core.sweep.axes import MOST_VALUES
from quadfit_tui.core.sweep.space import MOST_CELLS, Cells, Space
from quadfit_tui.core.text.language import _, comma_separated, counted_as

FORM = 1  # of the files of sweeps; one that older programs could not read gets another number
_HEADING = "what the runs of a sweep have in common"
_LONGEST = 200  # characters of a version or a processor
_KINDS = {"base": str, "axes": dict, DIGEST: dict, "version": str, "numpy": str, "processors": list}  # of facts


class SweepFileError(ValueError):
    """A file that holds no sweep that can be used; the text is one line, which follows on the file's name."""


@dataclass(frozen=True, eq=False)
class Head:
    """What a sweep is: the cells of its `space`, of which a `random` draw may take so many.

    `digests` are the SHA-256 of the files of samples, by their names. `processors` are the kinds that have computed
    rows: the bits of these are equal on one kind of processor with one version of NumPy. `curves`: whether the mean
    loss by epoch of each cell is kept, too.
    """

    space: Space
    random: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    version: str = __version__
    numpy: str = np.__version__
    processors: tuple[str, ...] = ()
    curves: bool = False

    @classmethod
    def of(
        cls, space: Space, problem: Problem | None = None, random: int | None = None, *, curves: bool = False
    ) -> Head:
        """That of a sweep which is to be computed here; `problem` has the samples where they are known already.

        Raises ConfigError where a file of samples cannot be read, or a parameter has too many values.
        """
        for name, values in space.axes.items():
            if len(values) > MOST_VALUES:
                told = counted_as("{n} value", "{n} values", len(values))
                allowed = _("at most {most} of a parameter").format(most=f"{MOST_VALUES:,}")
                raise ConfigError((name,), told, _("are too many"), allowed)
        known = {} if problem is None or space.base.data is None else {space.base.data: problem.sha256}
        names = dict.fromkeys(name for name in (space.base.data, *space.axes.get("data", ())) if name is not None)
        digests = {name: known.get(name) or _digest(name) for name in names}
        return cls(space, random, digests, processors=(processor(),), curves=curves)

    @cached_property
    def chosen(self) -> Cells:
        """The numbers of the cells that are trained, increasing: all of the space, or those drawn."""
        if self.random is None:
            return np.arange(len(self.space), dtype=np.int64)
        return self.space.drawn(self.random)

    def also_by(self, *processors: str) -> Head:
        """The same, with other processors that have computed some of it."""
        return replace(self, processors=tuple(dict.fromkeys((*self.processors, *processors))))

    def differences(self, other: Head) -> list[str]:
        """What the bits of the rows depend on and `other`, a later one, has otherwise: sentences without their ends."""
        return [*self._of_base(other), *self._of_axes(other), *self._of_programs(other)]

    def _of_base(self, other: Head) -> Iterator[str]:
        for name, row in PARAMETERS.items():
            if name in self.space.axes or name in other.space.axes:  # which tell it
                continue
            old, new = getattr(self.space.base, name), getattr(other.space.base, name)
            if name == "data" and old and new:
                before, after = self.digests.get(old, ""), other.digests.get(new, "")
                if before != after:
                    told = _("the file {file} holds other samples: its SHA-256 was {old}, and is {new} now")
                    yield told.format(file=new, old=before, new=after)
            elif old != new:
                yield _was(row.label, row.show(old) or _("none"), row.show(new) or _("none"))

    def _of_axes(self, other: Head) -> Iterator[str]:
        for name, row in PARAMETERS.items():
            label, old, new = row.label, self._told(name), other._told(name)
            if old == new:
                continue
            if new is None:
                yield _("{parameter} varied, and does not now").format(parameter=label)
            elif old is None:
                yield _("{parameter} varies now, and did not").format(parameter=label)
            elif len(old) != len(new):
                had, has = (counted_as("{n} value", "{n} values", len(each)) for each in (old, new))
                yield _("{parameter} had {old}, and has {new} now").format(parameter=label, old=had, new=has)
            else:
                at = next(at for at, value in enumerate(old) if value != new[at])
                yield _was(_("value {number} of {parameter}").format(number=at + 1, parameter=label), old[at], new[at])
        before, after = [*self.space.axes], [*other.space.axes]
        if before != after and sorted(before) == sorted(after):
            told = _("what varies was in the order {old}, and is in the order {new} now")
            yield told.format(old=comma_separated(before), new=comma_separated(after))

    def _of_programs(self, other: Head) -> Iterator[str]:
        if self.random != other.random:
            old, new = (_("none") if head.random is None else str(head.random) for head in (self, other))
            yield _was(_("the number of cells drawn at random"), old, new)
        if self.curves != other.curves:
            yield _("curves were kept, and are not now") if self.curves else _("curves were not kept, and are now")
        if self.version != other.version:
            yield _was(_("the version of quadfit-tui"), self.version, other.version)
        if self.numpy != other.numpy:
            yield _was(_("the version of NumPy"), self.numpy, other.numpy)

    def _told(self, name: str) -> list[str] | None:
        """The values of what varies as text; of files, what is in them."""
        if name not in self.space.axes:
            return None
        if name == "data":
            return [self.digests.get(value) or _("none") for value in self.space.axes[name]]
        return list(map(PARAMETERS[name].show, self.space.axes[name]))

    # As it stands in files

    def facts(self, folder: str = "") -> dict[str, Any]:
        """Its facts by name, values of JSON; files of samples as they are named from a folder."""
        base, named = self.space.base, {name: _named(folder, name) for name in self.digests}
        data = base.data or ""
        lines = toml_lines(base, [_HEADING], named.get(data, ""), self.digests.get(data, ""))
        axes = {name: list(values) for name, values in self.space.axes.items()}
        if "data" in axes:
            axes["data"] = [named.get(value) for value in axes["data"]]
        return {
            "sweep": FORM,
            "base": "\n".join(lines) + "\n",
            "axes": axes,
            "cells": len(self.chosen),
            "random": self.random,
            "curves": self.curves,
            "version": self.version,
            "numpy": self.numpy,
            DIGEST: {named[name]: digest for name, digest in self.digests.items()},
            "processors": list(self.processors),
        }

    @classmethod
    def from_facts(cls, facts: object, folder: str = "") -> Head:
        """The head that has these facts, with a space; raises SweepFileError where there is none."""
        if not isinstance(facts, dict) or "sweep" not in facts:
            raise SweepFileError(_("is not the file of a sweep"))
        if facts["sweep"] != FORM:
            raise SweepFileError(_("is the file of a sweep of another version of quadfit-tui"))
        damaged = SweepFileError(_("has a head that is damaged"))
        if not all(isinstance(facts.get(name), kind) for name, kind in _KINDS.items()):
            raise damaged
        base, axes, random = facts["base"], facts["axes"], facts.get("random")
        texts = [facts["version"], facts["numpy"], *facts["processors"]]
        if not all(isinstance(text, str) and len(text) <= _LONGEST for text in texts):
            raise damaged
        if len(base) > LARGEST_BASE:
            raise SweepFileError(_("has a head that is too long"))
        try:
            values = values_of(TomlTable(base), "")
            values.pop(DIGEST, None)
            if PRESET in values or not all(isinstance(v, list) and 0 < len(v) <= MOST_VALUES for v in axes.values()):
                raise damaged
            if values.get("data"):
                values["data"] = _found(folder, values["data"])
            if "data" in axes:
                axes = axes | {"data": [value and _found(folder, str(value)) for value in axes["data"]]}
            digests = {_found(folder, name): str(digest) for name, digest in facts[DIGEST].items()}
            space = Space(RunConfig(**values), axes)
        except (TomlError, ConfigError) as refused:
            told = _("has a head that is not understood: {problem}").format(problem=refused)
            raise SweepFileError(told) from None
        except (KeyError, TypeError, ValueError, RecursionError, OverflowError):
            raise damaged from None
        if not (random is None or (type(random) is int and 0 < random <= min(len(space), MOST_CELLS))):
            raise damaged
        if facts.get("cells") != (len(space) if random is None else random):
            raise SweepFileError(_("has a head that is damaged: its number of cells is not that of its axes"))
        version, numpy, *processors = texts
        return cls(space, random, digests, version, numpy, tuple(processors), facts.get("curves") is True)


def _was(what: str, old: str, new: str) -> str:
    """What has changed: `lr was 0.1, and is 0.2 now`."""
    return _("{what} was {old}, and is {new} now").format(what=what, old=old, new=new)


@cache
def processor() -> str:
    """The kind of this machine's processor: its architecture, and what NumPy uses of it."""
    found = np.show_config(mode="dicts") or {}
    used = found.get("SIMD Extensions", {})
    return " ".join([platform.machine() or "unknown", *used.get("baseline", ()), *used.get("found", ())])


def _digest(name: str) -> str:
    if name.startswith(IN_MEMORY):
        return name.removeprefix(IN_MEMORY)
    digest = sha256()
    try:
        for block in access.blocks(name, LARGEST_FILE):
            digest.update(block)
    except OSError as failure:
        raise ConfigError(("data",), name, refusals.refusal(failure, _("a CSV file"), LARGEST_FILE), "") from None
    return digest.hexdigest()


def _named(folder: str, data: str) -> str:
    """The name of a file of samples from a folder, from which `_found` makes the name of the same file from here."""
    return data if data.startswith(IN_MEMORY) else access.path_for(folder, data)


def _found(folder: str, data: str) -> str:
    return data if data.startswith(IN_MEMORY) else access.path_from(folder, os.fspath(data))
