"""What goes with the next version: until then it works, and warns with the call that takes its place."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from operator import index
from typing import SupportsIndex, TypeVar

from quadfit_tui.core.config import presets
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session import session
from quadfit_tui.core.training.position import Position, moment

_Value = TypeVar("_Value")


def _warn(said: str) -> None:
    warnings.warn(said, DeprecationWarning, stacklevel=3)


class OldSession(session.Session):
    """A session with the numbering of before."""

    def seek(self, epoch: SupportsIndex, update: SupportsIndex = 0) -> None:
        """Leaves for a moment by how many epochs, and updates after them, are done there: `go` takes its place."""
        instead = moment(Position(index(epoch), index(update)))
        _warn(f'Session.seek counts epochs that are done; session.go("{instead}") names the last one, and trains there')
        super().seek(epoch, update)


class Presets(presets.FixedPresets):
    """The presets with those methods of a dict that copy it."""

    def __or__(self, others: Mapping[str, _Value]) -> dict[str, RunConfig | _Value]:
        _warn("PRESETS | others: PRESETS is no dict any more; {**PRESETS, **others} takes its place")
        return {**self, **others}

    def __ror__(self, others: Mapping[str, _Value]) -> dict[str, RunConfig | _Value]:
        _warn("others | PRESETS: PRESETS is no dict any more; {**others, **PRESETS} takes its place")
        return {**others, **self}

    def copy(self) -> dict[str, RunConfig]:
        """A dict of them: `dict(PRESETS)` takes its place."""
        _warn("PRESETS.copy: PRESETS is no dict any more; dict(PRESETS) takes its place")
        return dict(self)


PRESETS = Presets(dict(presets.PRESETS))
