"""Problem: the samples of a run, made or read from a file, and the truth where it is known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from quadfit_tui.core.config.parameters import IN_MEMORY, PARAMETERS, ConfigError, RunConfig, check_batch
from quadfit_tui.core.config.value_types import Vector
from quadfit_tui.core.files import access
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.model import parabola
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps, run_job
from quadfit_tui.core.model.parabola import QuadraticLoss
from quadfit_tui.core.model.quantity import UNNAMED, Quantities
from quadfit_tui.core.model.scaling import Standardization, scale_of
from quadfit_tui.core.text.language import _, ngettext

if TYPE_CHECKING:
    from fractions import Fraction

ROUNDING = 8 * parabola.EPSILON  # of the terms of f(x): what is no more may be left where one w fits all samples
MANY = 8192  # samples from which on a pass over all of them takes longer than a few sums
MOST_PASSED = 2**24  # samples in passes that are made for many w
DRAWN = 2**20  # of the same for curves that are drawn once a frame: some milliseconds


class Stream(IntEnum):
    """The independent streams of random numbers that one seed gives: using one more never shifts another."""

    NOISE = 0
    START = 1
    ORDER = 2
    CELLS = 3  # which of them a sweep draws


def generator(seed: int, stream: Stream) -> np.random.Generator:
    """The generator of one stream of a seed: NumPy's PCG64, seeded by both. What each is for: manual/numbers.md."""
    return np.random.default_rng([seed, stream])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples (x, y), each of shape (n,); `truth` is the (a, b, c) that they were made from, None for a file.

    `source` says where they came from: equal sources give equal samples. `sha256` is that of the file as it was read,
    in hexadecimal digits; empty for made samples. `left_out` are the lines of a file, or the rows of
    arrays (`unit`), that have a missing value, and `read_as` tells how it was read where that could have been meant
    otherwise. `quantities` are what x and y are by the headings of a file.
    """

    x: Array
    y: Array
    truth: Vector | None
    source: tuple[object, ...] = ()
    sha256: str = ""
    left_out: Sequence[int] = ()
    read_as: Sequence[str] = ()
    unit: str = "line"
    quantities: Quantities = UNNAMED

    def __repr__(self) -> str:
        return f"<Problem: {len(self.x)} samples>"

    @property
    def notices(self) -> list[str]:
        """What is to be told of how the file was read, each a sentence without its end."""
        if not self.left_out:
            return [*self.read_as]
        from quadfit_tui.core.model.samples.findings import lines_text

        told = ngettext(
            "{rows} row is left out, since a value is missing: {lines}",
            "{rows} rows are left out, since a value is missing: {lines}",
            len(self.left_out),
            rows=len(self.left_out),
            lines=lines_text(self.left_out, unit=self.unit),
        )
        return [*self.read_as, told]

    @cached_property
    def scale(self) -> Standardization:
        """How its x becomes z."""
        return scale_of(self.x)

    @cached_property
    def standardized(self) -> Dataset:
        """The samples with z for x, for training on scaled features; the truth is in z, too."""
        truth = None if self.truth is None else tuple(self.scale.to_z(np.array(self.truth)).tolist())
        return Dataset(self.scale.standardized(self.x), self.y, truth, self.source)

    @cached_property
    def optimum(self) -> Array:
        """The least-squares w, shape (3,): each number as near as a double comes, however far x is from 0."""
        return np.array([*map(float, self._optimum)])

    @cached_property
    def least(self) -> float:
        """The mean loss at the optimum before it is rounded, which far from x = 0 costs more than is left.

        Less where rounding makes it so, as at the truth of samples without noise: no w is told to be better than this.
        """
        from quadfit_tui.core.model import least_squares  # most runs need none

        known = [self.optimum] if self.truth is None else [self.optimum, np.array(self.truth)]
        return min(least_squares.least(self._powers, self._products, self._optimum), *map(self.mean_loss, known))

    @cached_property
    def _optimum(self) -> tuple[Fraction, Fraction, Fraction]:
        """The optimum before it is rounded."""
        from quadfit_tui.core.model import least_squares

        return least_squares.optimum(self._powers, self._products)

    @cached_property
    def variance(self) -> float:
        """The mean loss of the best constant: what there is to be explained by a parabola."""
        return float(self.y.var())

    @cached_property
    def loss_of_zero(self) -> float:
        """The mean loss of w = 0, the mean of y², which no samples that are allowed make too large."""
        return float(self.y @ self.y) / len(self.y)

    @cached_property
    def reach(self) -> Array:
        """The largest x², |x| and 1, shape (3,)."""
        return parabola.reach(self.x)

    @cached_property
    def is_fitted(self) -> bool:
        """Whether one w fits all samples: what is left is no more than rounding makes of the terms of f(x) and of y."""
        size = float(self.reach @ np.abs(self.optimum) + np.abs(self.y).max())
        return math.sqrt(self.least) <= ROUNDING * size

    @cached_property
    def condition(self) -> float:
        """The condition number λmax/λmin of the curvature; inf where the data leave a direction open."""
        from quadfit_tui.core.model import least_squares

        return least_squares.condition(self._powers)

    @cached_property
    def _powers(self) -> tuple[Fraction, ...]:
        """The sums of 1, x, x², x³ and x⁴."""
        from quadfit_tui.core.model import least_squares

        return least_squares.powers(self.x)

    @cached_property
    def _products(self) -> tuple[Fraction, ...]:
        """The sums of y, x·y, x²·y and y²."""
        from quadfit_tui.core.model import least_squares

        return least_squares.products(self.x, self.y)

    def find_sums(self) -> JobSteps[None]:
        """Finds out piece by piece what all samples have to be looked at for, so that nobody waits for it later.

        The optimum takes longest, since its sums are exact.
        """
        from fractions import Fraction

        from quadfit_tui.core.model import least_squares

        sums, products = [Fraction()] * 5, [Fraction()] * 4
        for at in range(0, len(self.x), MANY):
            x, y = self.x[at : at + MANY], self.y[at : at + MANY]
            sums = [*map(add, sums, least_squares.powers(x))]
            products = [*map(add, products, least_squares.products(x, y))]
            yield 1.0
        # Where the properties of these names would keep them.
        self.__dict__["_powers"], self.__dict__["_products"] = tuple(sums), tuple(products)
        yield 1.0
        _optimum = self.optimum
        yield 1.0
        _scale = self.scale
        yield 1.0
        _form = self.quadratic_loss

    @cached_property
    def center(self) -> Array:
        """What maps count w from, shape (3,): near a w that fits, little is lost to rounding; on it, nothing moves."""
        return self.quadratic_loss.p if self.truth is None else np.array(self.truth)

    @cached_property
    def quadratic_loss(self) -> QuadraticLoss:
        """The mean loss as a function of w alone; about the truth where that fits exactly, else about the optimum."""
        truth = None if self.truth is None else np.array(self.truth)
        fits = truth is not None and not parabola.residuals(truth, self.x, self.y).any()
        return parabola.loss_form(self.x, self.y, truth if fits else None)

    def mean_losses(self, w: Array, most: int = MOST_PASSED) -> Array:
        """The mean losses of the rows of w, shape (m, 3), for curves: from sums, never below 0; shape (m,).

        Where the sums give less than a pass over the samples would, passes are made: over no more than `most` samples,
        or one pass, for those rows of which the sums are farthest off.
        """
        with np.errstate(all="ignore"):
            losses, lost = known = self.quadratic_loss.losses(w)
            worse = np.flatnonzero(~self.quadratic_loss.is_as_good(w, known))
            passes = max(1, most // len(self.x))
            if len(worse) > passes:
                doubt = np.nan_to_num(lost[worse] / np.abs(losses[worse]), nan=np.inf)
                worse = worse[np.argsort(-doubt)[:passes]]
            losses = np.maximum(losses, 0.0)
            losses[worse] = parabola.losses(w[worse], self.x, self.y)
            return losses

    def drawn_losses(self, w: Array) -> Array:
        """`mean_losses` in so few passes that it can be done once a frame: shape (m,)."""
        return self.mean_losses(w, DRAWN)

    def mean_loss(self, w: Array) -> float:
        """The mean squared error of w, shape (3,), over all samples; inf or nan where a double cannot hold it.

        Of very many samples it is taken from their sums, where these tell it as well.
        """
        with np.errstate(all="ignore"):
            if len(self.x) > MANY:
                row = w[np.newaxis]
                known = self.quadratic_loss.losses(row)
                if self.quadratic_loss.is_as_good(row, known)[0]:
                    return max(0.0, float(known[0][0]))
            return parabola.loss(w, self.x, self.y)

    def gradient(self, w: Array, convention: str) -> Array:
        """The gradient over all samples at w, shape (3,): of very many from their sums, as `mean_loss`."""
        if len(self.x) > MANY:
            row = w[np.newaxis]
            with np.errstate(all="ignore"):
                if self.quadratic_loss.is_as_good(row)[0]:
                    found: Array = self.quadratic_loss.gradients(row)[0] * CONVENTIONS[convention]
                    return found
        return parabola.gradient(w, self.x, self.y, convention)


def make_problem(config: RunConfig, *known: Dataset) -> Dataset:
    """The samples that `config` asks for: those of a `known` problem, if they are the same.

    Raises ConfigError where its file or its batch size cannot be used.
    """
    return run_job(problem_pieces(config, *known))


def problem_pieces(config: RunConfig, *known: Dataset) -> JobSteps[Dataset]:
    """What `make_problem` gives, made piece by piece: to read a file may take a second."""
    source = _source(config)
    found = next((problem for problem in known if problem.source == source), None)
    if found is not None:
        problem = found
    elif config.data is None:
        problem = _made(config, source)
    elif config.data.startswith(IN_MEMORY):
        reason = _("names samples in the memory of a Python program")
        allowed = _('x and y of them beside it, or a file, as .samples.to_csv("FILE") writes it')
        raise ConfigError(("data",), config.data, reason, allowed)
    else:
        problem = yield from _read(config, config.data, source)
    check_batch(config, len(problem.x))
    return problem


def _source(config: RunConfig) -> tuple[object, ...]:
    if config.data is None:
        seed = config.seed if config.noise else None
        return config.true, config.samples, config.x_min, config.x_max, config.noise, seed
    if config.data.startswith(IN_MEMORY):
        return (config.data,)
    try:
        return config.data, config.columns, config.encoding, config.skip, *access.file_version(config.data)
    except OSError:
        return (object(),)  # equal to nothing; reading it will say what is wrong


def _read(config: RunConfig, path: str, source: tuple[object, ...]) -> JobSteps[Dataset]:
    from hashlib import sha256  # OpenSSL, which samples that are made do not need

    from quadfit_tui.core.model.samples.reader import samples_in
    from quadfit_tui.core.model.samples.sample_text import SampleFileError, content_of  # most runs have no file

    digest = sha256()

    def content() -> Iterator[bytes]:
        for block in content_of(path):
            digest.update(block)
            yield block

    try:
        samples = yield from samples_in(content(), config.columns, config.encoding, config.skip)
    except SampleFileError as failure:
        row = PARAMETERS[failure.parameter]
        raise ConfigError((row.name,), row.show(getattr(config, row.name)), str(failure), "") from None
    x, y, left_out, read_as, quantities = samples
    return Dataset(x, y, None, source, digest.hexdigest(), left_out, read_as, quantities=quantities)


def _made(config: RunConfig, source: tuple[object, ...]) -> Dataset:
    n = config.samples
    # One division, of exact integers for the article's data: x_i = (i − 400)/400 to the last bit.
    x = (config.x_min * n + np.arange(n) * (config.x_max - config.x_min)) / n
    y = parabola.predict(np.array(config.true), x)
    if config.noise:
        y = y + config.noise * generator(config.seed, Stream.NOISE).standard_normal(n)
    return Dataset(x, y, config.true, source)
