"""The figures of the article, digit by digit."""

import pytest

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.problem import make_dataset
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.training.status import Status


def played(config):
    session = RunSession(config, speed=None)
    session.play()
    records = []
    while not session.status.ended:
        records += session.advance(1.0)
    return records, session.snapshot()


def test_data_are_800_exact_points():
    problem = make_dataset(PRESETS["article"])
    assert problem.x.tolist() == [i / 400 for i in range(-400, 400)]
    assert problem.y.tolist() == pytest.approx([2 * x * x - 4 * x + 3 for x in problem.x.tolist()], rel=1e-15)
    assert problem.truth == (2, -4, 3)


def test_rate_halves_every_ten_epochs():
    rates = [SCHEDULES["halve"].rate(PRESETS["article"], epoch) for epoch in range(100)]
    assert rates[:9] == [0.5] * 9
    assert rates[9:19] == [0.25] * 10
    assert rates[19:29] == [0.125] * 10
    assert rates[29] == 0.0625
    assert rates[49] == 0.015625
    assert rates[98] == 0.5 / 2**9
    assert rates[99] == 0.5 / 2**10


def test_printed_run_stops_after_two_epochs():
    records, end = played(PRESETS["article-as-printed"])
    shown = [(r.epoch, r.lr, r.gradient.tolist(), r.loss, r.w.tolist()) for r in records]
    assert shown == [
        (0, 0.5, [1.28, 1.28, 1.29], 1.65, [1177.00, -1583.33, 408.62]),
        (1, 0.5, [-0.06, -0.06, -0.06], 0.0, [328.47, -689.39, 361.86]),
    ]
    assert end.status is Status.CONVERGED
    assert end.w.tolist() == [328.47, -689.39, 361.86]


def test_printed_alternative_stops_after_one_epoch():
    records, end = played(PRESETS["article-as-printed"].replace(init=(-1, 10, 26)))
    assert [(r.epoch, r.w.tolist()) for r in records] == [(0, [-9.43, 17.86, -7.44])]
    assert end.status is Status.CONVERGED


@pytest.fixture(scope="module")
def unrounded():
    """The 100 epochs of the per-sample run, by the number of the epoch."""
    return {record.epoch: record for record in played(PRESETS["article"].replace(stop_on="never"))[0]}


@pytest.mark.parametrize(
    ("epoch", "rate", "w", "mean_loss"),
    [
        (0, 0.5, "1176.99787399 -1583.32815546 408.61631081", 1596053.8404440186),
        (1, 0.5, "328.47204309 -689.39039630 361.86368417", 385967.84313605),
        (9, 0.25, "8.58792243 -6.97182280 -0.58192096", 8.744984498154),
        # Published as 7.5709980990e-04; in plain Python, whatever the order of the operations, it is this.
        (19, 0.125, "1.98717439 -3.97029773 2.98315181", 7.5709989553e-04),
        (29, 0.0625, "1.99986044 -3.99985433 2.99999210", 1.1819951891e-08),
        (49, 0.015625, "2.00000000 -4.00000000 3.00000000", 6.1367e-19),
    ],
)
def test_unrounded_run_gives_the_published_digits(unrounded, epoch, rate, w, mean_loss):
    record = unrounded[epoch]
    digits = len(f"{mean_loss!r}".partition("e")[0]) - 1
    assert record.lr == rate
    assert " ".join(f"{value:.8f}" for value in record.w.tolist()) == w
    # One unit of the last digit shown: what the order of the operations may change.
    assert record.mean_loss == pytest.approx(mean_loss, rel=max(10.0 ** (1 - digits), 1e-14))


def test_dataset_stop_checks_mean_loss(unrounded):
    records, end = played(PRESETS["article"])
    assert end.status is Status.CONVERGED
    assert end.epoch == len(records) < 30
    assert end.mean_loss < 1e-5 <= records[-2].mean_loss
    # The loss of the last sample alone was below tol long before.
    assert unrounded[1].loss < 5e-3
    assert any(record.loss < 1e-5 < record.mean_loss for record in records)


def test_full_batch_is_unfinished_after_100_epochs():
    records, end = played(PRESETS["full-batch"])
    assert end.status is Status.FINISHED
    assert len(records) == end.updates == 100
    assert [f"{value:.7f}" for value in end.w.tolist()[:1]] == ["359.0131372"]
    assert [f"{value:.8f}" for value in end.w.tolist()[1:]] == ["-7.58925473", "-126.26843646"]


def test_minibatch_run_never_stops_early(plain):
    config = PRESETS["article-minibatch"]
    records, end = played(config)
    assert (end.updates_per_epoch, end.updates, end.status) == (50, 5000, Status.FINISHED)
    # The article goes on although its loss is below 1e-5 by then.
    assert end.mean_loss < 1e-5
    for record, (gradient, _, w) in zip(records[:6], plain.run(config, 6), strict=True):
        assert record.w.tolist() == pytest.approx(w, rel=1e-9)
        assert record.gradient.tolist() == pytest.approx(gradient, rel=1e-9)


def test_full_batch_stability_limit():
    # Full-batch descent with the half gradient is stable below 2 / 1.12068747 and grows above.
    base = PRESETS["full-batch"].replace(schedule="constant", stop_on="never", epochs=1500)
    below, above = (played(base.replace(lr=lr))[1].mean_loss for lr in (1.78, 1.79))
    assert below < 1 < RunSession(base).snapshot().mean_loss < above
