"""diagnose and rate_map: what can be said of a run, and of those beside it, before it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from numbers import Integral
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from quadfit_tui.core.config.own_values import value_text
from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.diagnosis import diagnose as of_task
from quadfit_tui.core.rate_map.rate_map import RateMap, figures_of, ups_of
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.numbers import short, vector
from quadfit_tui.library.in_memory import Missing
from quadfit_tui.library.notebook import html_page
from quadfit_tui.library.samples import task_of

UpName = Literal["momentum", "beta1", "rho", "decay_rate", "batch", "scale_features"]
FigureName = Literal["speed", "settles", "ends"]
_Word = TypeVar("_Word", bound=str)


class Diagnosis(of_task.RunDiagnosis):
    """What can be said of a run beforehand; `diagnose` tells what is promised of it."""

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {text}" for name, text in self._figures().items())
        return f"<Diagnosis: {told}>"

    def _repr_html_(self) -> str:
        w = self.task.from_x(np.array(self.optimum))
        return html_page(self._figures(), replace(RunSession(self.task).snapshot(), trained_w=w))

    def _figures(self) -> dict[str, str]:
        """What is promised of it, by the names of its attributes."""
        return {
            "limit.rate": "None" if self.limit.rate is None else short(self.limit.rate),
            "optimum": vector(self.optimum),
            "least": short(self.least),
            "condition": short(self.condition),
            "epochs": str(self.epochs),
            "converges": str(self.converges),
            "rest": "None" if self.rest is None else f"{vector(self.rest.w)}, {self.rest.why.value}",
        }


def diagnose(
    config: RunConfig, *, x: ArrayLike | None = None, y: ArrayLike | None = None, missing: Missing = None
) -> Diagnosis:
    """What can be said of a run beforehand, as the app's line of diagnosis does; may take some seconds.

    `x`, `y` and `missing` are as `train` takes them.

    Promised of a Diagnosis are `limit.rate`, the learning rate below which w settles or at least cannot diverge (above
    it, it may), or None where none is known; `optimum`, the least-squares (a, b, c); `least`, the mean loss there;
    `condition`, the condition number; `epochs`, after how many epochs the mean loss will be below tol, None where that
    is not foreseen, or it is below tol at the start already, or above it again at the end of a run that goes on;
    `converges`, whether that is within the run; `rest`, where w comes to rest if the run goes on, with
    `w`, `mean_loss` and `why`, an Enum whose value says it, or None where that is not known, or the mean loss comes
    below tol before. Raises ConfigError where its samples, or its batch size for them, cannot be used.
    """
    found = of_task.diagnose(task_of(config, x, y, missing))
    return Diagnosis(**{field.name: getattr(found, field.name) for field in fields(found)})


def rate_map(
    config: RunConfig,
    up: UpName | None = None,
    figure: FigureName | None = None,
    size: tuple[int, int] = (120, 40),
    *,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    missing: Missing = None,
) -> RateMap:
    """What runs come to that differ from one in the learning rate, and in `up`: the view *map* as arrays.

    `up` is the name of a parameter: "momentum", "beta1", "rho" or "decay_rate", as the run uses them, "batch" or
    "scale_features"; the first of these without it. `figure` is "speed", "settles" or "ends", as far as they mean
    something for the run, as the view has them. `size` are the most rates and levels. `x`, `y` and `missing` are as
    `train` takes them. It may take a minute.

    Promised of a RateMap are, all float64 but for outcomes: `rates`, shape (m,), learning rates; `levels`, shape (n,),
    values of `up`; `values`, shape (n, m), the figure, nan where the run does not converge: of *speed* the epochs until
    a tenth is left of the distance from where w settles, of *settles* mean losses as multiples of the least one, of
    *ends* epochs until the mean loss is below tol; `factors`, shape (n, m), what an epoch leaves of that distance in
    the long run, nan where that is not known; `outcomes`, int8, shape (n, m): 1 converges, 2 diverges, 3 not certain, 4
    unfinished (not below tol within its epochs; of *settles* worse than at the start), 5 stops early, above tol;
    `epochs` (int64) and `mean_losses`, shape (n, m), at the end of runs that were trained, 0 and nan of others;
    `borders()`, lines between what converges and what diverges, shape (k, 2) each, of
    (rate, level); `config(row, column)`, the run of a cell; `fastest()`, the best cell, or None; `sentence(row,
    column)`. The arrays cannot be changed. Raises ValueError where `up` or `figure` means nothing for the run, or it
    takes too long, ConfigError as `train`.
    """
    from quadfit_tui.core.rate_map.pieces import whole_map

    if not (
        isinstance(size, Sequence)
        and len(size) == 2
        and all(isinstance(count, Integral) and count > 0 for count in size)
    ):
        raise ConfigError(("size",), value_text(size), "cannot be used", "two whole numbers above 0")
    task = task_of(config, x, y, missing)
    config = task.config
    chosen_up = _chosen("up", up, ups_of(config))
    found = whole_map(task, chosen_up, _chosen("figure", figure, figures_of(config, chosen_up)), size)
    if found.refusal:
        raise ValueError(found.refusal)
    return found


def _chosen(name: str, word: str | None, allowed: tuple[_Word, ...]) -> _Word:
    """The one among `allowed` that a word names; the first one without it."""
    if word is None:
        return allowed[0]
    for each in allowed:
        if isinstance(word, str) and each == word:  # of an array == tells of each number
            return each
    raise ConfigError((name,), value_text(word), "means nothing for this run", ", ".join(allowed))
