"""What training comes to: the run itself, and others that a sentence is about, epoch by epoch."""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from soak.sentences.exact import Exact
from soak.sentences.told import Unjudged

from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline
from quadfit_tui.core.training.trainer import Trainer

MOST_UPDATES = 400_000  # of a run that is trained to judge a sentence
MOST_FITTED = 3  # different x, through whose samples there is always a parabola
EPSILON = 2.0**-52
NOTHING = 1e-100  # a mean loss that is 0, but for the last of many digits


class Outcome(NamedTuple):
    """How a run came out: `rows` are w as trained after each epoch, shape (epochs, 3), `losses` the mean ones."""

    status: Status
    epochs: int
    updates: int
    rows: Array
    losses: Array
    overflowed: bool

    @property
    def mean_loss(self):
        return float(self.losses[-1]) if len(self.losses) else np.nan


def trained(task):
    """A run to its end; Unjudged where that takes too long."""
    timeline, records = Timeline(task), RecordLog()
    if task.config.epochs * task.updates_per_epoch > MOST_UPDATES:
        raise Unjudged("too many updates to be trained")
    while not timeline.at_end:
        timeline.approach(Position(task.config.epochs, 0), records)
    _, rows = records.whole_epochs(1)
    position = timeline.end.position
    losses = np.array([task.trained.mean_loss(row) for row in rows])
    updates = position.updates(task.updates_per_epoch)
    return Outcome(timeline.end.status, position.epoch, updates, rows, losses, timeline.trainer.overflowed)


def rate(config, epoch):
    """The learning rate of an epoch, from 0, by the formulas of the manual."""
    lr, every = config.lr, config.decay_every
    match config.schedule:
        case "constant":
            return lr
        case "halve":
            return lr * 0.5 ** ((epoch + 1) // every)
        case "exponential":
            return lr * config.decay_rate ** (epoch / every)
        case "cosine":
            return lr * np.sin(np.pi / 2 * max(config.epochs - epoch, 0) / config.epochs) ** 2
        case "inverse-time":
            return lr / (1 + config.decay_rate * epoch / every)
    raise AssertionError(config.schedule)


class Truth:
    """What is so of a task, each worked out when a sentence is about it."""

    def __init__(self, task):
        self.task, self.config = task, task.config
        self.exact = Exact(task)
        self._outcomes = {}

    def of(self, **changes):
        """The outcome of the run with some settings changed."""
        key = tuple(sorted(changes.items()))
        if key not in self._outcomes:
            try:
                config = self.config.replace(**changes)
            except ConfigError:
                raise Unjudged("no such run can be made") from None
            self._outcomes[key] = trained(FitTask(config, self.task.problem))
        return self._outcomes[key]

    @property
    def run(self):
        """The outcome of the run itself."""
        return self.of()

    @cached_property
    def loss_at_start(self):
        return self.exact.mean_loss(self.task.start)

    @cached_property
    def least(self):
        return self.exact.least

    @cached_property
    def good(self):
        """The mean loss of a run that has nothing to mend: tol, unless the start is below it, or near the least."""
        least, tol = float(self.least), self.config.tol
        if float(self.loss_at_start) < tol:
            tol = least + 0.01 * float(np.var(self.task.problem.y))
        return max(tol, 1.1 * least)

    @cached_property
    def optimum_in_x(self):
        """The best w in coordinates of x, rounded once; of the samples as they are, whatever is scaled."""
        exact = self.exact if self.task.scale is None else Exact(self.task.replace(scale_features=False))
        return np.array([float(value) for value in exact.optimum])

    @cached_property
    def rates(self):
        """Those of all epochs of the run."""
        return [rate(self.config, epoch) for epoch in range(self.config.epochs)]

    @cached_property
    def fits(self):
        """Whether one w fits all samples: no more is left than rounding makes; not judged where it is about that."""
        x, y = self.task.trained.x, self.task.trained.y
        if len(np.unique(x)) <= MOST_FITTED:
            return True
        best = [abs(float(value)) for value in self.exact.optimum]
        size = float((best[0] * x * x + best[1] * np.abs(x) + best[2]).max() + np.abs(y).max())
        left = float(self.least) ** 0.5
        if EPSILON * size < left < 64 * EPSILON * size:
            raise Unjudged("what is left of the samples is about that of rounding")
        return left <= EPSILON * size

    def slack(self, w):
        """What rounding may put a mean loss off by, in doubles."""
        x, y, (a, b, c) = self.task.trained.x, self.task.trained.y, np.abs(np.asarray(w, dtype=np.float64))
        with np.errstate(all="ignore"):
            size = float(np.sqrt(np.mean((a * x * x + b * np.abs(x) + c + np.abs(y)) ** 2)))
            loss = float(self.exact.mean_loss(np.asarray(w, dtype=np.float64)))
            return 16 * EPSILON * size * np.sqrt(loss) + (16 * EPSILON * size) ** 2 + 32 * EPSILON * loss

    def slack_of_best(self):
        """The same of the best w, which the program has rounded."""
        if self.exact.determined:
            return NOTHING + self.slack(np.array([float(value) for value in self.exact.optimum]))
        return NOTHING + 64 * EPSILON**2 * float(np.square(self.task.trained.y).max())

    def first_rise(self, most=20_000):
        """(epoch, update, before, after) of the first update that raised the mean loss by more than rounding does."""
        trainer, config = Trainer(self.task), self.config
        before = self.task.trained.mean_loss(trainer.trained_w)
        for _ in range(most):
            record = trainer.advance(1)
            if record is None:
                return None
            after = self.task.trained.mean_loss(trainer.trained_w)
            if not after <= (1 + 1e-9) * before:
                return record.epoch, record.update, before, after
            before = after
            if record.ends_epoch and trainer.epoch == config.epochs:
                return None
        return None
