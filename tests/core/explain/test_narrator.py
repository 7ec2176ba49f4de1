"""The narrator: each sentence is true of the run, is told when it happens, and is short enough."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui import PRESETS, RunConfig, train
from quadfit_tui.core.diagnosis.diagnose import diagnose
from quadfit_tui.core.explain.narrated_epochs import BRIEF, LONG, NarratedSentence
from quadfit_tui.core.explain.narrator import Narrator, ending, shown_at
from quadfit_tui.core.explain.narrator_events import EVENTS
from quadfit_tui.core.files.virtual_files import example_names
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.core.training.curves import Curves
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.timeline import Timeline

PLAYGROUND = PRESETS["playground"]


def run_of(config):
    """The task and the curves of a whole run."""
    task, log = make_task(config), RecordLog()
    timeline = Timeline(task)
    while not timeline.at_end:
        timeline.approach(Position(config.epochs, 0), log)
    return task, timeline.history.curves()


def up_to(curves, count):
    """The first epochs of curves."""
    return Curves(curves.epochs[:count], {name: values[:count] for name, values in curves.values.items()})


def told(config, **options):
    task, curves = run_of(config)
    narrator = Narrator(task, diagnose(task), **options)
    narrator.read_epochs(curves)
    return narrator.sentences


def test_playground_is_told_as_it_happens():
    assert [(sentence.epochs, sentence.full) for sentence in told(PLAYGROUND)] == [
        (0, "At the start c is farthest off: 8, its best value is -3."),
        (3, "Half of the mean loss is gone after 3 epochs: 73.4 to 31.1."),
        (5, "lr 0.2 is 39 % of the limit: it should converge after 101 epochs."),
        (10, "In the valley: c 4.8 too large and a 2.3 too small offset each other."),
        (10, "From here each epoch takes 14 % off the mean loss: ten epochs leave 21 %."),
        (28, "After 28 epochs less than a hundredth of the mean loss is left: 0.65."),
    ]


@pytest.mark.parametrize("samples", [1, 2, 3])
def test_no_value_is_best_where_many_fit(samples):
    sentences = told(PLAYGROUND.replace(samples=samples, lr=0.1))
    assert sentences
    assert any("best" in sentence.full for sentence in sentences) is (samples == 3)  # three samples have one parabola


@pytest.mark.parametrize(
    ("changes", "kind", "full"),
    [
        ({"lr": 2.0}, "above", "lr 2 is above the limit 0.511: in the end each epoch lands farther off."),
        ({"lr": 2.0}, "grows", "The mean loss grew in epoch 0: 73.4 to 964."),
        ({"lr": 2.0}, "worse", "The mean loss, 2.05e+11, is above that of the start, 73.4."),
        (
            {"lr": 0.75, "schedule": "halve", "decay_every": 10},
            "above at first",
            "lr 0.75 is above the limit 0.511 until it is lowered in epoch 9.",
        ),
        ({"lr": 0.49}, "jumps", "a jumps over its best value 2 each epoch: from 0.274 to 2.18."),
        ({"noise": 1.0}, "at best", None),
        ({"noise": 1.0, "epochs": 3000}, "rest", "At rest: no parabola gets closer."),
        ({"schedule": "halve", "decay_every": 20}, "rate", "From here lr is 0.1, it was 0.2."),
        ({"optimizer": "momentum", "momentum": 0.9}, "swings", None),
    ],
)
def test_other_events_are_told(changes, kind, full):
    found = [sentence for sentence in told(PLAYGROUND.replace(**changes)) if sentence.kind == kind]
    assert found
    assert full in (None, found[0].full), found[0].full
    assert found[0].warns == (kind in ("above", "above at first", "grows", "worse"))


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("t (s),h (cm)", "cm/s²"),
        ("t [ms],h [ft]", "ft/ms²"),
        ("时间（秒）,高度（米）", "米/秒²"),
        ("t (s),U (V)", ""),
        ("t,h", ""),
    ],
)
@pytest.mark.parametrize("scale_features", [True, False])
def test_acceleration_is_told_only_of_a_motion(tmp_path, heading, unit, scale_features):
    t = np.arange(20) / 20
    h = np.round(120.9 + 479.5 * t - 494 * t**2 + (-1.0) ** np.arange(20), 1)
    rows = (f"{at},{value}" for at, value in zip(t.tolist(), h.tolist(), strict=True))
    (tmp_path / "ball.csv").write_text("\n".join([heading, *rows]))
    rate = {} if scale_features else {"lr": 0.9, "momentum": 0.95, "epochs": 6000}
    own = PRESETS["own-data"].replace(data=str(tmp_path / "ball.csv"), scale_features=scale_features, **rate)
    (rest,) = (sentence for sentence in told(own) if sentence.kind == "rest")
    value = f"{2 * np.polyfit(t, h, 2)[0]:.0f} {unit}"
    more = f" 2a is the acceleration, {value}." if unit else ""
    assert rest.full == f"At rest: no parabola gets closer.{more}"
    assert rest.brief == (f"at rest; 2a = {value}" if unit else "at rest: none gets closer")
    assert not [sentence for sentence in told(own) if "acceleration" in sentence.full and sentence.kind != "rest"]
    assert "rest" not in {sentence.kind for sentence in told(own, withheld=("optimum",))}


def test_what_a_lesson_holds_back_is_not_told():
    assert {sentence.kind for sentence in told(PLAYGROUND, withheld=("optimum",))} == {"half", "hundredth", "forecast"}
    kinds = {sentence.kind for sentence in told(PLAYGROUND.replace(lr=2.0), withheld=("limit",))}
    assert kinds == {"begins", "grows", "worse"}


def test_without_diagnosis_losses_are_told():
    task, curves = run_of(PLAYGROUND)
    narrator = Narrator(task)
    narrator.read_epochs(curves)
    assert [sentence.kind for sentence in narrator.sentences] == ["half", "hundredth"]


configs = st.builds(
    dict,
    samples=st.sampled_from([3, 8, 24]),
    noise=st.sampled_from([0.0, 0.0, 0.5]),
    true=st.tuples(*(st.sampled_from([-3.0, 0.5, 2.0, 4.0]),) * 3),
    init=st.tuples(*(st.sampled_from([-8.0, 0.0, 1.0, 6.0]),) * 3),
    lr=st.sampled_from([0.01, 0.1, 0.3, 0.45, 0.6, 1.0]),
    schedule=st.sampled_from(["constant", "constant", *SCHEDULES]),
    optimizer=st.sampled_from(["sgd", "sgd", "sgd", *OPTIMIZERS]),
    batch=st.sampled_from(["full", "full", 1, 3]),
    epochs=st.sampled_from([20, 150, 400]),
    stop_on=st.sampled_from(["dataset", "dataset", "never"]),
    shuffle=st.booleans(),
)
own_data = st.builds(
    dict,
    data=st.sampled_from(example_names()),
    scale_features=st.just(True),
    lr=st.sampled_from([0.05, 0.2, 0.7, 1.2]),
    schedule=st.sampled_from(["constant", "constant", *SCHEDULES]),
    optimizer=st.sampled_from(["sgd", "momentum", *OPTIMIZERS]),
    batch=st.sampled_from(["full", "full", 1]),
    epochs=st.sampled_from([20, 300, 1000]),
    init=st.just((0.0, 0.0, 0.0)),
)


@trials(300)
@given(configs | own_data, st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_any_run_is_told_truly_and_briefly(values, pieces):
    config = RunConfig(**values)
    task, curves = run_of(config)
    diagnosis = diagnose(task)
    narrator, parts = Narrator(task, diagnosis), Narrator(task, diagnosis)
    narrator.read_epochs(curves)
    count, turn = 0, 0
    while count < len(curves.epochs):  # however it is cut into frames
        count, turn = count + pieces[turn % len(pieces)], turn + 1
        parts.read_epochs(up_to(curves, count))
    assert parts.sentences == narrator.sentences
    assert len(narrator.sentences) <= 25
    run, truth = train(config), Truth(task, curves)
    for sentence in narrator.sentences:
        assert cell_width(sentence.full) <= LONG
        assert cell_width(sentence.brief) <= BRIEF
        check = getattr(truth, sentence.kind.replace(" ", "_"))
        assert check(sentence.epochs, sentence.full, run), sentence


class Truth:
    """What the sentences say, worked out from the samples and the epochs by other means."""

    def __init__(self, task, curves):
        self.config, self.x, self.y = task.config, task.problem.x, task.problem.y
        self.best = np.polyfit(self.x, self.y, 2)
        self.w = np.column_stack([curves.values[name] for name in "abc"])
        self.loss = np.array([self.mean_loss(w) for w in self.w])

    def mean_loss(self, w):
        return float(np.mean((np.polyval(w, self.x) - self.y) ** 2))

    def begins(self, epochs, text, _run):
        name, value, best = re.fullmatch(
            r"At the start (.) is farthest off: (.+), its best value is (.+)\.", text
        ).groups()
        off = np.abs(self.w[0] - self.best)
        at = "abc".index(name)
        right = off[at] == pytest.approx(off.max()) and float(value) == pytest.approx(self.w[0, at], rel=0.01)
        return epochs == 0 and right and float(best) == pytest.approx(self.best[at], rel=0.01, abs=1e-9)

    def above(self, _epochs, _text, _run):
        longer = train(self.config.replace(epochs=100_000, stop_on="never"))
        return longer.status == "diverged"

    def above_at_first(self, _epochs, text, _run):
        lowered = int(re.search(r"in epoch (\d+)\.", text)[1])
        return 0 < lowered < self.config.epochs

    def forecast(self, _epochs, text, run):
        return run.status == "converged" and f"after {len(run.epoch)} epochs." in text

    def half(self, epochs, _text, _run):
        return self.loss[epochs] <= self.loss[0] / 2 * 1.001 and (self.loss[:epochs] >= self.loss[0] / 2 * 0.999).all()

    def hundredth(self, epochs, _text, _run):
        return self.loss[epochs] <= self.loss[0] / 100 * 1.001

    def valley(self, epochs, text, _run):
        off = self.w[epochs] - self.best
        for name, size in re.findall(r"([abc]) ([\d.e+-]+)", text):
            at = "abc".index(name)
            right = self.w[epochs].copy()
            right[at] = self.best[at]
            if self.mean_loss(right) <= self.loss[epochs] or float(size) != pytest.approx(abs(off[at]), rel=0.06):
                return False
        large = re.findall(r"([abc]) \S+(?: and . \S+)? too large", text)
        return all(off["abc".index(name)] > 0 for name in large)

    def pace(self, epochs, text, _run):
        left = re.search(r"takes ([\d.]+) % off", text)[1]
        later = self.loss[epochs : epochs + 11]
        share = 1 - later[1:] / later[:-1]
        return all(abs(100 * each - float(left)) <= max(1, 0.1 * float(left)) for each in share)

    def one_left(self, epochs, text, _run):
        left = "abc".index(re.match(r"Only (.) is left", text)[1])
        off = np.abs(self.w[epochs] - self.best) / np.abs(self.best)
        return off[left] > 0.0199 and sorted(off)[1] <= 0.0201

    def jumps(self, epochs, text, _run):
        off = self.w[epochs - 3 : epochs + 1, "abc".index(text[0])] - self.best["abc".index(text[0])]
        return (off[1:] * off[:-1] < 0).all()

    def grows(self, epochs, text, _run):
        return self.loss[epochs] > self.loss[epochs - 1] and f"in epoch {epochs - 1}:" in text

    def swings(self, epochs, _text, _run):
        return self.loss[epochs] > self.loss[epochs - 1]

    def worse(self, epochs, _text, _run):
        return self.loss[epochs] > self.loss[0]

    def at_best(self, epochs, _text, _run):
        least = self.mean_loss(self.best)
        return (self.loss[epochs - 4 : epochs + 1] <= 1.0101 * least).all()

    def rest(self, epochs, _text, _run):
        return self.loss[epochs] <= 1.0011 * self.mean_loss(self.best)

    def rate(self, epochs, text, run):
        now, before = map(float, re.fullmatch(r"From here lr is (\S+), it was (\S+)\.", text).groups())
        is_next = epochs >= len(run.lr) or now == pytest.approx(run.lr[epochs], rel=1e-3)
        return is_next and now <= before / 2 * 1.001 and run.lr[max(epochs - 10, 0)] > now * 1.001


@pytest.mark.parametrize(
    ("changes", "ways"),
    [
        (
            {},
            [
                "Converged after 101 epochs: mean loss below tol 1e-05. > tries lr 0.4.",
                "Converged after 101 epochs. > tries lr 0.4.",
                "Converged after 101 epochs: mean loss below tol 1e-05.",
                "converged after 101 epochs.",
            ],
        ),
        ({"lr": 0.4}, ["Converged after 49 epochs: mean loss below tol 1e-05.", "converged after 49 epochs."]),
        (
            {"lr": 2.0},
            [
                "lr 2 is above the limit 0.511: each step overshot by more. i: what helps.",
                "Diverged: lr 2, limit 0.511. i: why.",
                "diverged: lr 2, limit 0.511",
            ],
        ),
        (
            {"lr": 1.0},
            [
                "lr 1 is above the limit 0.511: each step overshot by more. < : lr 0.5.",
                "Diverged: lr 1, limit 0.511. < tries lr 0.5.",
                "diverged: lr 1, limit 0.511",
            ],
        ),
        (
            {"epochs": 9},
            [
                "Finished all 9 epochs; mean loss still above tol 1e-05. c: keep training.",
                "Finished all 9 epochs. c: keep training.",
                "Finished all 9 epochs; mean loss still above tol 1e-05.",
                "finished all 9 epochs.",
            ],
        ),
    ],
)
def test_ending_names_the_key_that_helps(changes, ways):
    session = RunSession(PLAYGROUND.replace(**changes))
    session.seek(session.config.epochs)
    while session.is_busy:
        session.advance(1.0)
    snapshot = session.snapshot()
    said = ending(snapshot, diagnose(snapshot.task), more_helps=True)
    assert (said.ways, said.warns) == (ways, "lr 1" in ways[0] or "lr 2" in ways[0])
    assert max(map(cell_width, ways)) <= LONG
    assert cell_width(ways[-1]) <= BRIEF


def test_sentence_stands_until_its_time_is_over():
    at = [
        NarratedSentence(0, "a", "", ""),
        NarratedSentence(5, "b", "", ""),
        NarratedSentence(5, "c", "", ""),
        NarratedSentence(30, "d", "", "", True),
    ]
    seen = [shown_at(at, epochs, 20) for epochs in (0, 4, 19, 20, 29, 30, 39, 60)]
    assert [(sentence.kind, since) for sentence, since in seen] == [
        *[("a", 0)] * 3,
        *[("b", 20)] * 2,
        *[("d", 30)] * 3,  # at once, although another one still waits
    ]
    assert [shown_at(at, epochs, 0)[0].kind for epochs in (0, 4, 5, 30)] == ["a", "a", "c", "d"]
    assert shown_at([], 5, 20)[0] is None
    at = [
        NarratedSentence(0, "a", "", ""),
        NarratedSentence(1, "above", "", "", True),
        NarratedSentence(2, "grows", "", "", True),
    ]
    assert [shown_at(at, epochs, 20)[0].kind for epochs in (0, 1, 20, 21)] == ["a", "above", "above", "grows"]


def test_comparison_is_told_at_its_epoch():
    at = [NarratedSentence(epochs, kind, "", "") for epochs, kind in ((0, "begins"), (2, "half"), (5, "forecast"))]
    at += [
        NarratedSentence(5, "beside", "", ""),
        NarratedSentence(17, "hundredth", "", ""),
        NarratedSentence(20, "beside", "", ""),
    ]
    seen = [shown_at(at, epochs, 20) for epochs in (4, 5, 19, 20, 60)]
    assert [(sentence.kind, since) for sentence, since in seen] == [
        ("begins", 0),
        *[("beside", 5)] * 2,
        *[("beside", 20)] * 2,
    ]
    alarmed = [NarratedSentence(4, "grows", "", "", True), *at[3:4]]
    assert [shown_at(alarmed, epochs, 20)[0].kind for epochs in (5, 24)] == ["grows", "beside"]


def test_what_was_true_is_not_told_late():
    at = [
        NarratedSentence(0, "begins", "", ""),
        NarratedSentence(3, "half", "", ""),
        NarratedSentence(10, "valley", "", ""),
    ]
    assert [shown_at(at, epochs, 20)[0].kind for epochs in (0, 20, 39, 40, 90)] == ["begins", *["half"] * 4]
    seen = [shown_at(at[::2], epochs, 20)[0] for epochs in (10, 20, 40, 41)]
    assert [sentence and sentence.kind for sentence in seen] == ["begins", "valley", "valley", None]


def test_overflowed_losses_are_told_in_finite_numbers():
    task = make_task(PLAYGROUND.replace(lr=2.0))
    narrator = Narrator(task, diagnose(task))
    values = {name: np.array([1.0, 1.0]) for name in "abc"} | {"mean_loss": np.array([73.4, math.inf])}
    told = {sentence.kind: sentence for sentence in narrator.read_epochs(Curves(np.array([0, 1]), values))}
    assert told["grows"].full == "The mean loss grew in epoch 0: 73.4 to over 1e308."
    narrator.read_epochs(Curves(np.arange(10), {name: np.full(10, each[-1]) for name, each in values.items()}))
    told = {sentence.kind: sentence for sentence in narrator.sentences}
    assert told["worse"].brief == "worse than at the start: over 1e308"
    assert cell_width(told["worse"].brief) <= BRIEF


def test_every_event_is_checked():
    assert {kind.replace(" ", "_") for kind in EVENTS} | {"rate"} <= {*vars(Truth)}
    assert math.isfinite(LONG)
