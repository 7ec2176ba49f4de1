"""What a run comes to, worked out apart: the article's loop in plain Python, without the program's code.

It tells w, losses and the end of a run for every point of it. Covered are plain descent and the two momenta, every
schedule, batches of any size, the documented shuffling, both conventions; no noise, no scaling, no rounding.
"""

import math
from functools import lru_cache

import numpy as np

MOST_WORK = 400_000  # updates of samples that are still worth it


def rate_of(config, epoch):
    """The learning rate of an epoch."""
    share = epoch / config.decay_every
    if config.schedule == "halve":
        return config.lr * 0.5 ** ((epoch + 1) // config.decay_every)
    if config.schedule == "exponential":
        return config.lr * config.decay_rate**share
    if config.schedule == "inverse-time":
        return config.lr / (1 + config.decay_rate * share)
    if config.schedule == "cosine":
        return config.lr * (1 + math.cos(math.pi * epoch / config.epochs)) / 2
    return config.lr


def is_covered(config):
    """Whether the loop below tells of such a run, in no time."""
    plain = config.noise == 0 and config.data is None and config.init != "random" and config.round_epochs is None
    known = config.optimizer in ("sgd", "momentum", "nesterov") and not config.scale_features
    return plain and known and config.samples * config.epochs <= MOST_WORK


class RunOracle:
    """The points of a run in order; each is worked out when first asked for. A point is (epoch, update)."""

    def __init__(self, config):
        self.config = config
        n, (a, b, c) = config.samples, config.true
        self.xs = [(config.x_min * n + i * (config.x_max - config.x_min)) / n for i in range(n)]
        self.ys = [a * x * x + b * x + c for x in self.xs]
        size = n if config.batch == "full" else config.batch
        self.per_epoch = n // size
        self.w = {(0, 0): tuple(config.init)}
        self.loss = {(0, 0): None}
        self.size = {(0, 0): max(map(abs, config.init))}  # the largest number of w on the way: what rounding goes by
        self.end = None  # (point, how), once it is known
        self._size = size
        self._orders = np.random.default_rng([config.seed, 2])
        self._going = self._go()
        self._newest = (0, 0)

    def reach(self, point):
        """The point, or the end of the run if that comes first."""
        while self.end is None and self._newest < point:
            next(self._going, None)
        return point if self.end is None else min(point, self.end[0])

    def mean_loss(self, point):
        return self._loss(self.w[point], self.xs, self.ys)

    def rate(self, point, ended):
        """What is to be shown as the learning rate: that of the epoch in progress, or that of the last update."""
        last_done = ended and point > (0, 0) and point[1] == 0
        return rate_of(self.config, point[0] - last_done)

    @staticmethod
    def _loss(w, xs, ys):
        a, b, c = w
        errors = [a * x * x + b * x + c - y for x, y in zip(xs, ys, strict=True)]
        return sum(error * error for error in errors) / len(xs)

    def _batches(self):
        order = range(len(self.xs))
        if self.config.shuffle:
            order = self._orders.permutation(len(self.xs)).tolist()
        for at in range(self.per_epoch):
            chosen = order[at * self._size : (at + 1) * self._size]
            yield [self.xs[i] for i in chosen], [self.ys[i] for i in chosen]

    def _go(self):
        config, velocity = self.config, (0.0, 0.0, 0.0)
        w, size = self.w[0, 0], self.size[0, 0]
        for epoch in range(config.epochs):
            rate = rate_of(config, epoch)
            for update, (xs, ys) in enumerate(self._batches(), 1):
                before = epoch, update - 1
                loss, gradient = self._loss(w, xs, ys), self._gradient(w, xs, ys)
                w, velocity = self._moved(w, velocity, gradient, rate)
                if not all(map(math.isfinite, (loss, *gradient, *w, *velocity))):
                    self.end = before, "diverged"
                    return
                point = (epoch, update) if update < self.per_epoch else (epoch + 1, 0)
                if update == self.per_epoch and not math.isfinite(self._loss(w, self.xs, self.ys)):
                    point = epoch, update
                    self.end = point, "diverged"
                self.w[point], self.loss[point], self._newest = w, loss, point
                size = max(size, *map(abs, w))
                self.size[point] = size
                if self.end is not None:
                    return
                if point[1] == 0:
                    judged = {"dataset": self.mean_loss(point), "last-update": loss, "never": math.inf}[config.stop_on]
                    if judged < config.tol:
                        self.end = point, "converged"
                    elif point[0] == config.epochs:
                        self.end = point, "finished"
                yield
                if self.end is not None:
                    return

    def _gradient(self, w, xs, ys):
        a, b, c = w
        sums = [0.0, 0.0, 0.0]
        for x, y in zip(xs, ys, strict=True):
            error = a * x * x + b * x + c - y
            for at, part in enumerate((x * x, x, 1.0)):
                sums[at] += error * part
        factor = {"half": 1, "full": 2}[self.config.gradient] / len(xs)
        return [each * factor for each in sums]

    def _moved(self, w, velocity, gradient, rate):
        if self.config.optimizer == "sgd":
            return tuple(wi - rate * gi for wi, gi in zip(w, gradient, strict=True)), velocity
        keep = self.config.momentum
        velocity = tuple(keep * vi - rate * gi for vi, gi in zip(velocity, gradient, strict=True))
        if self.config.optimizer == "momentum":
            return tuple(wi + vi for wi, vi in zip(w, velocity, strict=True)), velocity
        ahead = [keep * vi - rate * gi for vi, gi in zip(velocity, gradient, strict=True)]
        return tuple(wi + di for wi, di in zip(w, ahead, strict=True)), velocity


@lru_cache(maxsize=256)
def oracle_of(config):
    """The oracle of a configuration, kept for the next time it is asked for."""
    return RunOracle(config)
