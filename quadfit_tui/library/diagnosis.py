"""diagnose and rate_map: predict what a run, and runs with other rates, will come to, before they are trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from numbers import Integral
from typing import Literal, TypeVar

from numpy.typing import ArrayLike

from quadfit_tui.core.config.own_values import value_text
from quadfit_tui.core.config.parameters import ConfigError, RunConfig
from quadfit_tui.core.diagnosis import diagnose as of_task
from quadfit_tui.core.rate_map.rate_map import RateMap, figures_of, ups_of
from quadfit_tui.core.text.numbers import format_short, format_vector
from quadfit_tui.library.in_memory import Missing
from quadfit_tui.library.notebook import html_page
from quadfit_tui.library.samples import task_of

UpName = Literal["momentum", "beta1", "rho", "decay_rate", "batch", "scale_features"]
FigureName = Literal["speed", "settles", "ends"]
_Word = TypeVar("_Word", bound=str)


class Diagnosis(of_task.RunDiagnosis):
    """The prediction that `diagnose` makes for a run; its docstring lists the attributes that a version keeps."""

    def __repr__(self) -> str:
        figures = ", ".join(f"{name} {text}" for name, text in self._figures().items())
        return f"<Diagnosis: {figures}>"

    def _repr_html_(self) -> str:
        return html_page(self._figures())

    def _figures(self) -> dict[str, str]:
        """Returns the documented figures as texts, by the names of their attributes."""
        return {
            "limit.rate": "None" if self.limit.rate is None else format_short(self.limit.rate),
            "optimum": format_vector(self.optimum),
            "least": format_short(self.least),
            "condition": format_short(self.condition),
            "epochs": str(self.epochs),
            "converges": str(self.converges),
            "rest": "None" if self.rest is None else f"{format_vector(self.rest.w)}, {self.rest.why.value}",
        }


def diagnose(
    config: RunConfig, *, x: ArrayLike | None = None, y: ArrayLike | None = None, missing: Missing = None
) -> Diagnosis:
    """Predicts how a run will go without training it: its highest rate, its optimum, whether it converges, and when.

    May take some seconds.

    `x`, `y` and `missing` are as `train` takes them.

    Promised of a Diagnosis are `limit.rate`, the learning rate below which w settles or at least cannot diverge (above
    it, it may), or None where none is known; `optimum`, the least-squares (a, b, c); `least`, the mean loss there;
    `condition`, the condition number; `epochs`, after how many epochs the mean loss will be below tol, None where that
    is not foreseen, or it is below tol at the start already, or above it again at the end of a run that goes on;
    `converges`, whether that is within the run; `rest`, where w comes to rest if the run goes on, with
    `w`, `mean_loss` and `why`, an Enum whose value says it, or None where that is not known, or the mean loss comes
    below tol before. Raises ConfigError if its samples, or its batch size for them, cannot be used.
    """
    diagnosis = of_task.diagnose(task_of(config, x, y, missing))
    return Diagnosis(**{field.name: getattr(diagnosis, field.name) for field in fields(diagnosis)})


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
    """Computes how runs end that differ from `config` in the learning rate and in `up`: the view *map* as arrays.

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
    column)`. The arrays cannot be changed. Raises ValueError if `up` or `figure` means nothing for the run, or it
    takes too long, ConfigError as `train`.
    """
    from quadfit_tui.core.rate_map.pieces import whole_map

    check_size(size)
    task = task_of(config, x, y, missing)
    config = task.config
    chosen_up = _chosen("up", up, ups_of(config))
    computed = whole_map(task, chosen_up, _chosen("figure", figure, figures_of(config, chosen_up)), size)
    if computed.refusal:
        raise ValueError(computed.refusal)
    return computed


def check_size(size: tuple[int, int]) -> None:
    """Raises ConfigError unless a size, such as (columns, rows), is two whole numbers above 0."""
    if not (
        isinstance(size, Sequence)
        and len(size) == 2
        and all(isinstance(count, Integral) and count > 0 for count in size)
    ):
        raise ConfigError(("size",), value_text(size), "cannot be used", "two whole numbers above 0")


def _chosen(name: str, word: str | None, allowed: tuple[_Word, ...]) -> _Word:
    """Returns the allowed word that an argument names, the first one for None; raises ConfigError."""
    if word is None:
        return allowed[0]
    for choice in allowed:
        if isinstance(word, str) and choice == word:  # an array's == compares element by element
            return choice
    raise ConfigError((name,), value_text(word), "means nothing for this run", ", ".join(allowed))
