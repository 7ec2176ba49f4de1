"""Dataset: the samples of a run, generated or read from a file, and the truth if it is known."""

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
from quadfit_tui.core.model.scaling import Standardization, standardization_of
from quadfit_tui.core.text.language import _, ngettext

if TYPE_CHECKING:
    from fractions import Fraction

ROUNDING = 8 * parabola.EPSILON  # relative to the terms of f(x): smaller residuals may be rounding errors
SUMS_FROM = 8192  # samples above which a pass over all of them takes longer than a few sums
MOST_PASS_SAMPLES = 2**24  # maximum number of samples in passes for many w
MOST_DRAWN_SAMPLES = 2**20  # the same for curves that are drawn once a frame: some milliseconds


class Stream(IntEnum):
    """The independent streams of random numbers of one seed: using one more never shifts another."""

    NOISE = 0
    START = 1
    ORDER = 2
    CELLS = 3  # the cells that a sweep draws


def generator(seed: int, stream: Stream) -> np.random.Generator:
    """Returns the random generator of one stream of a seed: NumPy's PCG64, seeded by both; see manual/numbers.md."""
    return np.random.default_rng([seed, stream])


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples (x, y), each of shape (n,); `truth` is the (a, b, c) that generated them, None for a file.

    `source` identifies their origin: equal sources yield equal samples. `sha256` is the hash of the file as it was
    read, in hexadecimal digits; empty for generated samples. `left_out` are the lines of a file, or the rows of arrays
    (see `unit`), that have a missing value. `reading_notices` are notices of how ambiguous parts of the file were read.
    `quantities` are the names and units of x and y in the headings of a file.
    """

    x: Array
    y: Array
    truth: Vector | None
    source: tuple[object, ...] = ()
    sha256: str = ""
    left_out: Sequence[int] = ()
    reading_notices: Sequence[str] = ()
    unit: str = "line"
    quantities: Quantities = UNNAMED

    def __repr__(self) -> str:
        return f"<Problem: {len(self.x)} samples>"

    @property
    def notices(self) -> list[str]:
        """Notices to the user of how the file was read, each a sentence without its final period."""
        if not self.left_out:
            return [*self.reading_notices]
        from quadfit_tui.core.model.samples.findings import lines_text

        notice = ngettext(
            "{rows} row is left out, since a value is missing: {lines}",
            "{rows} rows are left out, since a value is missing: {lines}",
            len(self.left_out),
            rows=len(self.left_out),
            lines=lines_text(self.left_out, unit=self.unit),
        )
        return [*self.reading_notices, notice]

    @cached_property
    def scale(self) -> Standardization:
        """The standardization of its x to z."""
        return standardization_of(self.x)

    @cached_property
    def standardized(self) -> Dataset:
        """The samples with z for x and the truth in z, for training on scaled features."""
        truth = None if self.truth is None else tuple(self.scale.to_z(np.array(self.truth)).tolist())
        return Dataset(self.scale.standardized(self.x), self.y, truth, self.source)

    @cached_property
    def optimum(self) -> Array:
        """The least-squares w, shape (3,), correctly rounded however far x is from 0."""
        return np.array([*map(float, self._optimum)])

    @cached_property
    def least(self) -> float:
        """The least mean loss: that of the unrounded optimum, since far from x = 0 rounding w raises the loss too much.

        It is smaller if rounding makes a known w's loss smaller, such as that of the truth of samples without noise: so
        no w shown to the user is better.
        """
        from quadfit_tui.core.model import least_squares  # imported late: most runs do not need it

        known = [self.optimum] if self.truth is None else [self.optimum, np.array(self.truth)]
        return min(least_squares.least_loss(self._powers, self._products, self._optimum), *map(self.mean_loss, known))

    @cached_property
    def _optimum(self) -> tuple[Fraction, Fraction, Fraction]:
        """The optimum (a, b, c), unrounded."""
        from quadfit_tui.core.model import least_squares

        return least_squares.optimum(self._powers, self._products)

    @cached_property
    def variance(self) -> float:
        """The variance of y, the mean loss of the best constant: what a parabola can explain at most."""
        return float(self.y.var())

    @cached_property
    def loss_of_zero(self) -> float:
        """The mean loss of w = 0, the mean of y², which is finite for all samples that are allowed."""
        return float(self.y @ self.y) / len(self.y)

    @cached_property
    def reach(self) -> Array:
        """The largest x², |x| and 1 of the samples, shape (3,)."""
        return parabola.reach(self.x)

    @cached_property
    def is_fitted(self) -> bool:
        """Whether one w fits all samples: its residuals are no larger than the rounding errors of f(x) and y."""
        size = float(self.reach @ np.abs(self.optimum) + np.abs(self.y).max())
        return math.sqrt(self.least) <= ROUNDING * size

    @cached_property
    def condition(self) -> float:
        """The condition number λmax/λmin of the curvature; inf if the samples leave a direction of w open."""
        from quadfit_tui.core.model import least_squares

        return least_squares.condition(self._powers)

    @cached_property
    def _powers(self) -> tuple[Fraction, ...]:
        """The exact sums of 1, x, x², x³ and x⁴ over the samples."""
        from quadfit_tui.core.model import least_squares

        return least_squares.power_sums(self.x)

    @cached_property
    def _products(self) -> tuple[Fraction, ...]:
        """The exact sums of y, x·y, x²·y and y² over the samples."""
        from quadfit_tui.core.model import least_squares

        return least_squares.product_sums(self.x, self.y)

    def precompute(self) -> JobSteps[None]:
        """Precomputes, step by step, the properties that need a pass over all samples, so that no user waits for them.

        The optimum takes longest, since its sums are exact.
        """
        from fractions import Fraction

        from quadfit_tui.core.model import least_squares

        sums, products = [Fraction()] * 5, [Fraction()] * 4
        for low in range(0, len(self.x), SUMS_FROM):
            x, y = self.x[low : low + SUMS_FROM], self.y[low : low + SUMS_FROM]
            sums = [*map(add, sums, least_squares.power_sums(x))]
            products = [*map(add, products, least_squares.product_sums(x, y))]
            yield 1.0
        # Fill the caches of the two properties.
        self.__dict__["_powers"] = tuple(sums)
        self.__dict__["_products"] = tuple(products)
        yield 1.0
        _optimum = self.optimum
        yield 1.0
        _scale = self.scale
        yield 1.0
        _form = self.quadratic_loss

    @cached_property
    def center(self) -> Array:
        """The origin of w in affine maps, shape (3,), near a w that fits: deviations from it lose least to rounding."""
        return self.quadratic_loss.p if self.truth is None else np.array(self.truth)

    @cached_property
    def quadratic_loss(self) -> QuadraticLoss:
        """The mean loss as a function of w alone, about the truth if that fits exactly, else about the optimum."""
        truth = None if self.truth is None else np.array(self.truth)
        fits = truth is not None and not parabola.residuals(truth, self.x, self.y).any()
        return parabola.quadratic_loss_of(self.x, self.y, truth if fits else None)

    def mean_losses(self, w: Array, most: int = MOST_PASS_SAMPLES) -> Array:
        """Computes the mean losses of the rows of w, shape (m, 3), for curves: from sums, at least 0; shape (m,).

        For rows whose loss from the sums is less exact than a pass over the samples, it makes passes instead: over at
        most `most` samples in all, but at least one pass, for the rows with the largest relative error bounds.
        """
        with np.errstate(all="ignore"):
            losses, errors = bounded = self.quadratic_loss.losses(w)
            worse = np.flatnonzero(~self.quadratic_loss.sums_are_exact_enough(w, bounded))
            passes = max(1, most // len(self.x))
            if len(worse) > passes:
                relative = np.nan_to_num(errors[worse] / np.abs(losses[worse]), nan=np.inf)
                worse = worse[np.argsort(-relative)[:passes]]
            losses = np.maximum(losses, 0.0)
            losses[worse] = parabola.losses(w[worse], self.x, self.y)
            return losses

    def drawn_losses(self, w: Array) -> Array:
        """Computes `mean_losses` with so few passes that a view can call it once a frame; returns shape (m,)."""
        return self.mean_losses(w, MOST_DRAWN_SAMPLES)

    def mean_loss(self, w: Array) -> float:
        """Computes the mean squared error of w, shape (3,), over all samples; inf or nan if a double cannot hold it.

        For more than SUMS_FROM samples it comes from their sums, if these are as exact as a pass.
        """
        with np.errstate(all="ignore"):
            if len(self.x) > SUMS_FROM:
                row = w[np.newaxis]
                bounded = self.quadratic_loss.losses(row)
                if self.quadratic_loss.sums_are_exact_enough(row, bounded)[0]:
                    return max(0.0, float(bounded[0][0]))
            return parabola.loss(w, self.x, self.y)

    def gradient(self, w: Array, convention: str) -> Array:
        """Computes the gradient over all samples at w, shape (3,); of more than SUMS_FROM from their sums."""
        if len(self.x) > SUMS_FROM:
            row = w[np.newaxis]
            with np.errstate(all="ignore"):
                if self.quadratic_loss.sums_are_exact_enough(row)[0]:
                    by_w: Array = self.quadratic_loss.gradients(row)[0] * CONVENTIONS[convention]
                    return by_w
        return parabola.gradient(w, self.x, self.y, convention)


def make_dataset(config: RunConfig, *known: Dataset) -> Dataset:
    """Makes the samples that `config` asks for: reuses those of a `known` dataset, or else generates or reads them.

    Raises ConfigError if the file or the batch size cannot be used.
    """
    return run_job(dataset_steps(config, *known))


def dataset_steps(config: RunConfig, *known: Dataset) -> JobSteps[Dataset]:
    """Makes the dataset like `make_dataset`, step by step, since reading a file may take a second."""
    source = _source(config)
    reusable = next((problem for problem in known if problem.source == source), None)
    if reusable is not None:
        problem = reusable
    elif config.data is None:
        problem = _generated(config, source)
    elif config.data.startswith(IN_MEMORY):
        reason = _("names samples in the memory of a Python program")
        allowed = _('x and y of them beside it, or a file, as .samples.to_csv("FILE") writes it')
        raise ConfigError(("data",), config.data, reason, allowed)
    else:
        problem = yield from _read(config, config.data, source)
    check_batch(config, len(problem.x))
    return problem


def _source(config: RunConfig) -> tuple[object, ...]:
    """Returns the Dataset.source of a configuration's samples, for reuse of samples that are there already."""
    if config.data is None:
        seed = config.seed if config.noise else None
        return config.true, config.samples, config.x_min, config.x_max, config.noise, seed
    if config.data.startswith(IN_MEMORY):
        return (config.data,)
    try:
        return config.data, config.columns, config.encoding, config.skip, *access.file_version(config.data)
    except OSError:
        return (object(),)  # equal to no other source; reading the file will raise the error


def _read(config: RunConfig, path: str, source: tuple[object, ...]) -> JobSteps[Dataset]:
    """Reads the samples of a configuration from its file, step by step; raises ConfigError."""
    from hashlib import sha256  # imported late: it loads OpenSSL, which generated samples do not need

    from quadfit_tui.core.model.samples.reader import samples_in
    from quadfit_tui.core.model.samples.sample_text import SampleFileError, read_blocks

    digest = sha256()

    def content() -> Iterator[bytes]:
        for block in read_blocks(path):
            digest.update(block)
            yield block

    try:
        samples = yield from samples_in(content(), config.columns, config.encoding, config.skip)
    except SampleFileError as failure:
        row = PARAMETERS[failure.parameter]
        raise ConfigError((row.name,), row.show(getattr(config, row.name)), str(failure), "") from None
    return Dataset(
        x=samples.x,
        y=samples.y,
        truth=None,
        source=source,
        sha256=digest.hexdigest(),
        left_out=samples.left_out,
        reading_notices=samples.notices,
        quantities=samples.quantities,
    )


def _generated(config: RunConfig, source: tuple[object, ...]) -> Dataset:
    """Generates the samples of a configuration without a file, with its noise."""
    n = config.samples
    # One division, of exact integers for the article's data, makes x_i = (i − 400)/400 exact to the last bit.
    x = (config.x_min * n + np.arange(n) * (config.x_max - config.x_min)) / n
    y = parabola.predict(np.array(config.true), x)
    if config.noise:
        y = y + config.noise * generator(config.seed, Stream.NOISE).standard_normal(n)
    return Dataset(x, y, config.true, source)
