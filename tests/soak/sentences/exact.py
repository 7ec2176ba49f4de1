"""A run in arithmetic of many digits: its optimum, the maps of its epochs, where they lead and how fast.

Nothing of the diagnosis is used, only what is trained on: the samples, the start, and the settings of the run.
"""

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from functools import cached_property

import numpy as np

DIGITS = 160
_LOGS = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN)
UNSEEN = Decimal("1e-13")  # of the distance, in an epoch: a billion epochs, which are the most, do not lengthen it
_TURNS = 240  # squarings, at most, of a matrix whose powers tell its spectral radius


def many_digits():
    """A context in which numbers have many digits, and no bounds."""
    return localcontext(Context(prec=DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN))


def decimals(values):
    """An array of the same numbers as decimals."""
    array = np.asarray(values, dtype=np.float64)
    return np.array([Decimal(value) for value in array.ravel().tolist()], dtype=object).reshape(array.shape)


def solved(matrix, right):
    """The solution of a system, by elimination; `right` may have several columns."""
    rows = np.concatenate([matrix, right.reshape(len(matrix), -1)], axis=1)
    for at in range(len(rows)):
        pivot = max(range(at, len(rows)), key=lambda row: abs(rows[row, at]))
        rows[[at, pivot]] = rows[[pivot, at]]
        rows[at] = rows[at] / rows[at, at]
        for other in range(len(rows)):
            if other != at:
                rows[other] = rows[other] - rows[other, at] * rows[at]
    return rows[:, len(matrix) :].reshape(right.shape)


def log_radius(matrix):
    """The logarithm of the spectral radius: of the norm of a high power, divided by its exponent."""
    exponent, before = Decimal(0), None
    for turn in range(_TURNS):
        size = max(abs(value) for value in matrix.flat)
        if not size:
            return Decimal("-inf")
        if turn % 8 == 7:
            power = Decimal(2) ** turn
            found = _LOGS.divide(_LOGS.ln(size), power) + exponent * _LOGS.ln(Decimal(10))
            if before is not None and abs(found - before) <= Decimal("1e-9") * abs(found):
                break
            before = found
        exponent += Decimal(size.adjusted()) / Decimal(2) ** turn
        matrix = matrix * Decimal(1).scaleb(-size.adjusted())
        matrix = matrix @ matrix
    return found


class Exact:
    """The samples of a task in z where they are scaled, and its epochs in a fixed order, as affine maps."""

    def __init__(self, task):
        self.task, config = task, task.config
        self.x, self.y = decimals(task.trained.x), decimals(task.trained.y)
        self.rows = np.stack([self.x * self.x, self.x, self.x * 0 + 1], axis=-1)
        self.start = decimals(task.start)
        self.factor = 2 if config.gradient == "full" else 1
        self._radii, self._maps, self._growths = {}, {}, {}

    # The data

    @cached_property
    def curvature(self):
        """The mean of f·fᵀ."""
        return self.rows.T @ self.rows / Decimal(len(self.x))

    @cached_property
    def _products(self):
        return self.rows.T @ self.y / Decimal(len(self.x)), (self.y @ self.y) / Decimal(len(self.x))

    def mean_loss(self, w):
        """That of w, which may be of doubles."""
        w = decimals(w) if w.dtype != object else w
        by_w, alone = self._products
        return max(Decimal(0), w @ self.curvature @ w - 2 * (by_w @ w) + alone)

    @cached_property
    def determined(self):
        """Whether the samples determine w."""
        return len(set(self.x.tolist())) >= 3

    @cached_property
    def optimum(self):
        """As trained, in z where the features are scaled; only of samples that determine it."""
        return solved(self.curvature, self._products[0])

    @cached_property
    def least(self):
        """The mean loss below which no w comes."""
        if self.determined:
            return self.mean_loss(self.optimum)
        parts = [[y for x, y in zip(self.x, self.y, strict=True) if x == at] for at in set(self.x.tolist())]
        means = [sum(part) / len(part) for part in parts]
        missed = sum((y - mean) ** 2 for part, mean in zip(parts, means, strict=True) for y in part)
        return missed / len(self.x)

    @cached_property
    def steepest(self):
        """The largest eigenvalue of the curvature."""
        return log_radius(self.curvature).exp()

    @cached_property
    def condition(self):
        """The largest eigenvalue by the smallest; inf where the samples do not determine w."""
        if not self.determined:
            return Decimal("inf")
        inverse = solved(self.curvature, decimals(np.eye(3)))
        return (log_radius(self.curvature) + log_radius(inverse)).exp()

    @cached_property
    def largest(self):
        """The largest ‖f‖² of a sample."""
        return max(row @ row for row in self.rows)

    # The epochs

    @cached_property
    def is_affine(self):
        """Whether every epoch is the same affine map at the same rate."""
        config = self.task.config
        ordered = not config.shuffle or self.task.is_full_batch
        return ordered and config.optimizer in ("sgd", "momentum", "nesterov")

    @cached_property
    def _momentum(self):
        """keep, carry and push: v' = keep·v − lr·g, w' = w + carry·v − push·lr·g."""
        config = self.task.config
        kept = Decimal(config.momentum)
        found = {"sgd": (0, 0, 1), "momentum": (kept, kept, 1), "nesterov": (kept, kept * kept, 1 + kept)}
        return found[config.optimizer]

    @cached_property
    def _points(self):
        """The features of the different x that are trained on, where they determine less than w; else None."""
        used = self.task.updates_per_epoch * self.task.batch
        rows = {tuple(row) for row in self.rows[:used].tolist()}
        return np.array(sorted(rows), dtype=object) if len(rows) < 3 else None

    @cached_property
    def _batches(self):
        """(G, h) of each update, by which g = G·s − h; s is w, or what the parabola gives at the points."""
        size, batches = self.task.batch, []
        for at in range(self.task.updates_per_epoch):
            rows, y = self.rows[at * size : (at + 1) * size], self.y[at * size : (at + 1) * size]
            if self._points is None:
                seen, moved = rows, rows.T
            else:
                seen = np.array([[Decimal(int(tuple(p) == tuple(row))) for p in self._points] for row in rows])
                moved = self._points @ rows.T
            count = Decimal(len(y))
            batches.append((moved @ seen * self.factor / count, moved @ y * self.factor / count))
        return batches

    def epoch(self, rate):
        """The linear part and what it adds, on (s, v), of an epoch at a rate."""
        rate = Decimal(rate)
        if rate not in self._maps:
            keep, carry, push = self._momentum
            size = len(self._batches[0][1])
            whole = size if not keep else 2 * size
            state = decimals(np.eye(whole, whole + 1))
            for by_s, added in self._batches:
                g = by_s @ state[:size]
                g[:, -1] = g[:, -1] - added
                if not keep:
                    state = state - rate * g
                    continue
                w, v = state[:size], state[size:]
                state = np.concatenate([w + carry * v - push * rate * g, keep * v - rate * g])
            self._maps[rate] = state[:, :-1], state[:, -1]
        return self._maps[rate]

    def log_radius(self, rate):
        """The logarithm of what an epoch at a rate leaves of the distance, in the long run."""
        rate = Decimal(rate)
        if rate not in self._radii:
            self._radii[rate] = log_radius(self.epoch(rate)[0])
        return self._radii[rate]

    def taken(self, rate):
        """1 − the spectral radius, with all its digits."""
        return 1 - self.log_radius(rate).exp()

    def shrinks(self, rate):
        """Whether the distance does not grow at a constant rate, but for what no run can show."""
        return self.log_radius(rate) < UNSEEN

    def growth(self, rate):
        """How much longer an error may become that an epoch begins with, or that comes in with one of its updates."""
        rate = float(rate)
        if rate not in self._growths:
            (keep, carry, push), size = map(float, self._momentum), len(self._batches[0][1])
            unit = np.eye(2 * size)
            spread, most = unit, 1.0
            with np.errstate(all="ignore"):
                for by_s in self._by_s:
                    moved = rate * by_s
                    step = np.block(
                        [[np.eye(size) - push * moved, carry * np.eye(size)], [-moved, keep * np.eye(size)]]
                    )
                    spread = step @ spread @ step.T + unit
                    most = max(most, float(np.trace(spread)))
            self._growths[rate] = most**0.5 if np.isfinite(most) else np.inf
        return self._growths[rate]

    @cached_property
    def _by_s(self):
        return [by_s.astype(np.float64) for by_s, _ in self._batches]

    def settled(self, rate):
        """The w, as trained, that a run at a constant rate settles at."""
        linear, added = self.epoch(rate)
        return self._w_of(solved(decimals(np.eye(len(added))) - linear, added))

    def drawn_to(self):
        """The w, as trained, that rates lead to which become ever lower: the optimum of the samples trained on."""
        by_s = sum(each for each, _ in self._batches)
        return self._w_of(solved(by_s, sum(added for _, added in self._batches)))

    def power(self, pace):
        """p where n epochs at rates of pace/n leave n^−p of the distance, in the flattest direction."""
        by_s = sum(each for each, _ in self._batches)
        _, carry, push = self._momentum
        moved = push + (carry / (1 - self._momentum[0]) if carry else 0)
        return Decimal(pace) * moved / log_radius(solved(by_s, decimals(np.eye(len(by_s))))).exp()

    def after(self, rate, epochs):
        """The w, as trained, after so many epochs of a constant rate."""
        linear, added = self.epoch(rate)
        size = len(added)
        whole = np.concatenate(
            [np.concatenate([linear, added.reshape(-1, 1)], axis=1), decimals(np.eye(size + 1)[-1:])]
        )
        state = np.concatenate([self._s_of(self.start), [Decimal(0)] * (size - self._size), [Decimal(1)]])
        while epochs:
            if epochs & 1:
                state = whole @ state
            whole, epochs = whole @ whole, epochs >> 1
        return self._w_of(state[:-1])

    @cached_property
    def _size(self):
        return len(self._batches[0][1])

    def _s_of(self, w):
        return w if self._points is None else self._points @ w

    def _w_of(self, state):
        """w of a state: where the points leave directions open, it is as it was at the start along these."""
        s = state[: self._size]
        if self._points is None:
            return s
        moved = solved(self._points @ self._points.T, s - self._points @ self.start)
        return self.start + self._points.T @ moved
