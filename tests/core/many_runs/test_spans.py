"""A span of each of many runs at once is the span of each by itself, to the last bit."""

import numpy as np
import pytest
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.many_runs import spans as module
from quadfit_tui.core.many_runs.spans import RunStates, Spans
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.training import fast_forward
from quadfit_tui.core.training.fast_forward import FastForward
from quadfit_tui.core.training.record import TrainerState
from quadfit_tui.core.training.trainer import Trainer

SMALL = RunConfig(samples=24, noise=0.1, epochs=60, stop_on="never", init=(-1, 10, 26), seed=5)
RATES = [*np.geomspace(1e-4, 8, 24).tolist(), 0.5, 0.5]  # of which the highest grow
KINDS = {
    "sample by sample": {},
    "at a constant rate": {"schedule": "constant", "epochs": 40},
    "one epoch": {"epochs": 1},
    "a rate for each epoch": {"schedule": "cosine"},
    "a rate that is lowered now and then": {"schedule": "exponential", "decay_rate": 1, "gradient": "full"},
    "an order for each epoch": {"shuffle": True},
    "batches": {"batch": 5},
    "batches in an order for each epoch": {"batch": 5, "shuffle": True, "schedule": "inverse-time"},
    "all samples": {"batch": "full", "schedule": "constant"},
    "all samples in any order": {"batch": "full", "shuffle": True},
    "momentum": {"optimizer": "momentum", "batch": 4, "momentum": 0.5},
    "momentum, sample by sample": {"optimizer": "momentum", "schedule": "constant"},
    "momentum of nothing": {"optimizer": "momentum", "momentum": 0},
    "Nesterov's": {"optimizer": "nesterov", "shuffle": True, "samples": 9, "batch": 2},
    "Nesterov's, all samples": {"optimizer": "nesterov", "batch": "full", "schedule": "cosine"},
    "one sample": {"samples": 1},
    "two samples": {"samples": 2, "schedule": "constant"},
    "as many samples as a block": {"samples": 11, "schedule": "constant", "noise": 0},
    "scaled": {"scale_features": True, "x_min": 3, "x_max": 7},
    "without noise": {"noise": 0, "batch": 3},
    "converging": {"stop_on": "dataset", "tol": 0.02},
    "converging by the last update": {"stop_on": "last-update", "tol": 0.01, "shuffle": True},
    "converging, all samples": {"stop_on": "dataset", "tol": 0.02, "batch": "full", "schedule": "constant"},
}


def exact(values):
    return [float(value).hex() for value in values]


def tasks_of(config, changes):
    task = make_task(config)
    return [task.replace(**each) for each in changes]


@np.errstate(all="ignore")  # as VectorizedRuns has it
def found_of(tasks, states):
    """Where spans of all at once take runs, by their numbers: epochs, w, velocity, span_from, stops and the order."""
    slots = np.array([np.array(state.slots).T for state in states]).transpose(1, 2, 0)
    w = np.stack([state.w for state in states], axis=1)
    found = {}
    for reached in Spans(tasks).compute(np.arange(len(tasks)), RunStates(states[0].epoch, w, slots, states[0].order)):
        if reached is None:
            continue
        for at, run in enumerate(reached.runs.tolist()):
            assert run not in found
            end, moved = int(reached.epochs[at]), reached.epochs[at] > states[0].epoch
            found[run] = (
                end,
                exact(reached.w[at]) if moved else None,
                exact(reached.velocity[at]) if moved and len(slots) else None,
                int(reached.span_from[at]),
                bool(reached.stops[at]),
                None if reached.orders is None else reached.orders[end - states[0].epoch],
            )
    return found


def alone(task, state):
    """The same of one run."""
    span = FastForward(task).span(state)
    after = span.state(span.end)
    velocity = exact(slot for (slot,) in after.slots) if span.length and after.slots[0] else None
    return span.end, exact(after.w) if span.length else None, velocity, span.span_from, span.stops, after.order


def check(tasks, states):
    """That the spans are the same; gives how many epochs each has."""
    found = found_of(tasks, states)
    for run, (task, state) in enumerate(zip(tasks, states, strict=True)):
        assert found[run] == alone(task, state), task.config
    return {end - states[0].epoch for end, *_ in found.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_span_equals_single_run(kind):
    config = SMALL.replace(**KINDS[kind])
    tasks = tasks_of(config, [{"lr": rate} for rate in RATES])
    lengths = check(tasks, [Trainer(task).state for task in tasks])
    assert max(lengths) == config.epochs or config.stop_on != "never"
    assert len(lengths) > 1 or config.epochs == 1


@pytest.mark.parametrize("seed", range(trials(64).max_examples))
def test_from_anywhere_in_a_run(seed):
    rng = np.random.default_rng(seed)

    def one(values):
        return values[int(rng.integers(len(values)))]

    samples = one((1, 2, 3, 7, 10, 11, 12, 24, 101))
    config = SMALL.replace(
        samples=samples,
        optimizer=one([name for name, row in OPTIMIZERS.items() if row.is_affine]),
        schedule=one([*SCHEDULES]),
        decay_every=one((1, 4, 90)),
        batch=one((1, 1, min(3, samples), "full")),
        shuffle=one((False, False, True)),
        epochs=one((50, 1500)),
        stop_on=one(("never", "dataset", "last-update")),
        tol=one((1e-9, 0.02, 5.0)),
        scale_features=one((False, True)),
        momentum=one((0.0, 0.3, 0.9)),
    )
    rates = np.exp(rng.uniform(-8, 2, 10)).tolist()
    tasks = tasks_of(config, [{"lr": rate} for rate in rates])
    states = []
    for task in tasks:
        state = Trainer(task).state
        slots = tuple(tuple(rng.normal(size=len(kept)).tolist()) for kept in state.slots)
        states.append(
            TrainerState(
                20,
                0,
                rng.normal(size=3) * 10.0 ** rng.integers(-3, 150),
                slots,
                states[0].order if states else state.order,
            )
        )
    check(tasks, states)


def test_equal_momentum_and_schedule_share_spans():
    changes = [
        {"lr": rate, "momentum": kept, "decay_every": n} for rate in (0.01, 0.1) for kept in (0, 0.5) for n in (3, 5)
    ]
    tasks = tasks_of(SMALL.replace(optimizer="momentum", batch=4), changes)
    assert check(tasks, [Trainer(task).state for task in tasks])
    tasks = tasks[:4]  # each of another kind
    assert found_of(tasks, [Trainer(task).state for task in tasks]) == {}


@table("rates", [(0.1, 0.2), (0.1, 1e-9)])
def test_vanished_rates_share_no_spans(rates):
    config = SMALL.replace(decay_every=1, epochs=1300)
    tasks = tasks_of(config, [{"lr": rate} for rate in rates])
    states = [TrainerState(1040, 0, task.start, ((), (), ())) for task in tasks]
    assert found_of(tasks, states) == {}


def test_only_so_many_epochs_are_looked_at(monkeypatch):
    # At the optimum the sums cannot tell whether a loss is below one that is hardly lower than all of them.
    config = SMALL.replace(seed=11, batch="full", schedule="constant", stop_on="dataset")
    problem = make_task(config).problem
    tasks = tasks_of(
        config.replace(init=problem.optimum, tol=problem.least), [{"lr": rate} for rate in (0.1, 0.2, 0.3)]
    )
    states = [Trainer(task).state for task in tasks]
    assert check(tasks, states) == {60}
    for owner in (module, fast_forward):
        monkeypatch.setattr(owner, "MOST_LOOKS", SMALL.samples * 4)
    assert check(tasks, states) == {5}


def test_pieces_make_no_difference(monkeypatch):
    tasks = tasks_of(SMALL, [{"lr": rate} for rate in RATES])
    states = [Trainer(task).state for task in tasks]
    whole = found_of(tasks, states)
    for name in ("MOST_MAPS", "MOST_RATES"):
        monkeypatch.setattr(module, name, 400)
        assert found_of(tasks, states) == whole
