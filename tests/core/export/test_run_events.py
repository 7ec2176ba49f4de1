"""What is worth telling of a run: against a plain loop over its losses, and never too much."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.run_events import NEAR, RunEvents
from quadfit_tui.core.methods.schedules import SCHEDULES

CONSTANT = RunConfig(schedule="constant", epochs=10**9)
ALL = 10**9  # events: so many that none has to wait


def told(losses, config=CONSTANT, most=ALL, start=5000.0, cuts=()):
    """The events of a run with these mean losses, heard in pieces that end at `cuts`."""
    events, found, ends = RunEvents(config, start, most), [], [0, *sorted(cuts), len(losses)]
    for begin, end in pairwise(ends):
        found += events.hear(range(begin + 1, end + 1), losses[begin:end])
    return found + events.rest()


def apart(losses):
    """The same losses with each held for so long that nothing is near."""
    return [loss for loss in losses for _ in range(NEAR + 1)]


losses = st.floats(1e-12, 1e12)


@trials(100)
@given(st.lists(losses, max_size=30))
def test_isolated_events_are_reported_singly(values):
    expected, lowest, before = [], 5000.0, 5000.0
    for at, loss in enumerate(values):
        epoch = at * (NEAR + 1) + 1
        decades = [power for power in range(-13, 14) if loss < 10.0**power <= lowest]
        if decades:
            expected.append((epoch, "lowest"))
        elif loss > 1.05 * before:
            expected.append((epoch, "up"))
            before = loss
        before, lowest = min(before, loss), min(lowest, loss)
    events = told(apart(values))
    assert [(event.epochs, "lowest" if event.lowest else "up") for event in events] == expected
    assert all(event.loss == values[event.epochs // (NEAR + 1)] for event in events)


def test_steep_fall_is_grouped():
    events = told([5000.0 / 100**i for i in range(1, 13)] + [5e-21] * 9)
    assert [(event.since, event.epochs) for event in events] == [(1, 5), (6, 10), (11, 12)]
    assert all(event.lowest and not event.rises for event in events)


def test_rise_over_epochs_is_one_event():
    (event,) = told([4000.0, 3900.0, 4400.0, 6000.0, 9000.0, 8900.0, 8800.0, 8700.0])
    assert (event.epochs, event.rises, event.low, event.top, event.loss) == (5, 1, 3900.0, 9000.0, 9000.0)


def test_successive_swings_are_joined():
    swings = [4000.0, 2000.0, 4100.0, 2100.0, 4200.0, 1900.0, 4300.0, 2000.0]
    first, *later = told(swings * 3)
    assert (first.epochs, first.rises) == (3, 1)  # the first one at once
    assert len(later) <= len(swings) * 3 / NEAR
    assert all(event.rises >= 2 and event.low < 2200 and event.top > 4000 for event in later[:-1])


@table(
    "config",
    [
        RunConfig(epochs=100),
        RunConfig(epochs=100, schedule="exponential", decay_every=7, decay_rate=0.3),
        RunConfig(epochs=100, schedule="inverse-time", decay_every=3),
        RunConfig(epochs=100, schedule="cosine"),
        RunConfig(epochs=100, schedule="constant"),
        RunConfig(epochs=60, decay_every=1),
    ],
    ids=lambda config: f"{config.schedule} {config.decay_every}",
)
def test_rate_event_when_halved(config):
    rates = [SCHEDULES[config.schedule].rate(config, epoch) for epoch in range(config.epochs)]
    expected, known = [], rates[0]
    for epoch in range(1, config.epochs):  # after so many epochs, the rate of the next one
        if rates[epoch] <= known / 2:
            known = rates[epoch]
            expected.append((epoch, known))
    events = told([4000.0] * config.epochs, config)
    for one, other in pairwise(events):
        assert other.rate_before == one.rate
    joined = {event.epochs: event.rate for event in events}
    assert joined.items() <= {*expected}
    if expected:
        assert (events[0].rate_before, events[-1].rate) == (rates[0], known)
    assert len(events) >= len(expected) / NEAR


wild = st.lists(st.floats(0, math.inf) | st.just(math.nan), max_size=400)


@trials(100)
@given(wild, st.integers(6, 16), st.sampled_from([1, 3, 1000]), st.data())
def test_event_limit_is_independent_of_chunking(losses, most, every, data):
    config = RunConfig(epochs=max(1, len(losses)), decay_every=every)
    events = told(losses, config, most)
    assert len(events) <= most
    assert all(one.epochs < other.since for one, other in pairwise(events))
    cuts = data.draw(st.lists(st.integers(0, len(losses)), max_size=5))
    assert repr(told(losses, config, most, cuts=cuts)) == repr(events)


def test_events_spread_over_long_run():
    losses = [100.0 if epoch % 2 else 200.0 for epoch in range(20_000)]
    epochs = [event.epochs for event in told(losses, CONSTANT.replace(epochs=20_000), 15)]
    assert 12 <= len(epochs) <= 15
    assert epochs[3] < 40
    assert epochs[-1] > 5000


def test_loss_just_below_decade_has_passed_it():
    assert len(told(apart([math.nextafter(100.0, 0.0), 50.0, 20.0]))) == 1
    assert len(told(apart([100.0, 99.0]))) == 2  # of 1000 and of 100


def test_infinite_or_nan_loss_is_rise():
    for beyond in (math.inf, math.nan):
        (event,) = told([4000.0, beyond])
        assert (event.is_up, event.low, event.top) == (True, 4000.0, math.inf)


def test_rounding_noise_is_no_event():
    # As of a run without noise that has come to its optimum: by 1e-32 of what there was at the start, up and down.
    noise = [1e-30, 3e-29, 0.0, 1e-28, 2e-31, 5e-28] * 20
    assert told(apart(noise), start=1e4) == told([1e-30], start=1e4)
    (_, rise) = told(apart([1e-30, 1e-20]), start=1e4)
    assert rise.is_up
