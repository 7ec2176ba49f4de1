"""Runs at random of a constant rate, and what their epochs do: by a plain loop over the samples, and by training."""

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.trainer import Trainer


def epoch_map(config, x, rate):
    """What an epoch makes of (w, v), shape (6, 6), along the directions that the samples determine."""
    size = len(x) if config.batch == "full" else config.batch
    factor = {"half": 1, "full": 2}[config.gradient]
    mu = config.momentum if config.optimizer in ("momentum", "nesterov") else 0.0
    whole, seen = np.eye(6), []
    for low in range(0, len(x) - size + 1, size):
        rows = [np.array([value * value, value, 1.0]) for value in x[low : low + size].tolist()]
        seen += rows
        slope = rate * factor * sum(np.outer(row, row) for row in rows) / size
        velocity = np.hstack([-slope, mu * np.eye(3)])
        ahead = np.hstack([-slope, np.zeros((3, 3))]) + mu * velocity
        step = ahead if config.optimizer == "nesterov" else velocity
        whole = (np.eye(6) + np.vstack([step, velocity - np.hstack([np.zeros((3, 3)), np.eye(3)])])) @ whole
    u, s, _ = np.linalg.svd(np.array(seen).T, full_matrices=False)
    basis = np.kron(np.eye(2), u[:, s > 1e-9 * s[0]])
    return basis.T @ whole @ basis


def radius(config, x, rate):
    return np.abs(np.linalg.eigvals(epoch_map(config, x, rate))).max()


def random_case(seed):
    """A configuration with a constant rate, and its problem: x in no order, some of them equal."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 24))
    x = rng.normal(rng.uniform(-1, 1), rng.uniform(0.3, 2), count).round(int(rng.integers(0, 4)))
    kind = seed % 3
    optimizer = ("sgd", "sgd", "momentum", "sgd", "nesterov")[seed % 5]
    config = RunConfig(
        true=rng.normal(0, 3, 3),
        init=rng.normal(0, 10, 3),
        samples=count,
        batch=("full", 1, int(rng.integers(1, count + 1)))[kind],
        gradient=("half", "full")[seed // 3 % 2],
        optimizer=optimizer,
        momentum=float(rng.uniform(0.1, 0.9)),
        schedule="constant",
        stop_on="never",
        epochs=10**9,
    )
    return config, Dataset(x, np.array(config.true) @ [x * x, x, np.ones_like(x)], config.true)


def true_epochs(config, problem, most=40_000):
    """After how many epochs the trainer's mean loss is below tol."""
    trainer = Trainer(FitTask(config, problem))
    while trainer.epoch < most and not trainer.overflowed:
        trainer.advance(4096)
        if trainer.update == 0 and problem.mean_loss(trainer.w) < config.tol:
            return trainer.epoch
    return None
