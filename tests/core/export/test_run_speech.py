"""A run in sentences: short, few, each true of the run, and nothing in them that a screen reader leaves out."""

import itertools
import math
import operator
import re

import numpy as np
import pytest
from both_languages import speaking
from hypothesis import given
from hypothesis import strategies as st
from spoken_numbers import heard
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.recorder import RunLines
from quadfit_tui.core.export.run_events import Event
from quadfit_tui.core.export.run_speech import MOST_LINES, RunSpeech, _sentence, outcome, spoken_record
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.training.status import Status

AFTER = re.compile(r"After ([\d,]+) epochs?: (.*)\.")


def spoken(config, every=1):
    """The sentences of a run, and the mean loss at its start and after each of its epochs."""
    session, lines = Session(config, speed=None), []
    writing = RunLines(lines.extend, writer_of("spoken")(config, every))
    losses = [session.snapshot().mean_loss]
    session.play()
    while not session.status.ended:
        records = session.advance(1.0)
        writing.take(session.snapshot(), records)
        losses += [record.mean_loss for record in records if record.ends_epoch]
    return lines, losses, session.snapshot()


def check_for_the_ear(lines):
    for line in lines:
        assert 0 < len(line) <= 78, line
        assert line.isascii(), line
        assert line.isprintable(), line
        assert line.endswith("."), line
        assert ". " not in line, line  # one sentence
        assert not re.search(r"\d[eE][+-]?\d", line), line
        assert not re.search(r"(?<!\w)-[\d.]", line), line
        assert not {*"²·←→√≤≥−%"} & {*line}


def like(words, losses):
    """Whether one of some mean losses is what somebody hears; at 1e-28 sums and passes differ in the third digit."""
    return any(heard(words) == [pytest.approx(loss, rel=0.02)] for loss in losses)


def check_the_facts(lines, losses):
    """That each sentence of an event is true of the mean losses of the run."""
    last = 0
    for line in lines:
        if not (found := AFTER.fullmatch(line)):
            continue
        epoch, news = int(found[1].replace(",", "")), found[2]
        assert last < epoch < len(losses)
        now, since = losses[epoch], losses[last : epoch + 1]
        if "lowest" in news:
            assert now == pytest.approx(min(losses[: epoch + 1]), rel=0.02)
        if rose := re.search(r"rose from (.+?) to (?!the)(.+)", news):
            assert like(rose[1], [min(since)])
            assert like(rose[2], [now])
            assert now > 1.03 * min(since)
        elif swings := re.search(r"swings between (.+) and (.+)", news):
            assert like(swings[1], [min(since)])
            assert like(swings[2], since)
        elif told := re.search(r"mean loss (?:rose to )?((?!swings)[^,;]+)", news):
            assert like(told[1], [now])
        last = epoch


def check_the_end(lines, losses, last):
    """That what is said of the end, and of w there, is true: by the snapshot, and by NumPy of its samples."""
    config, text = last.config, " ".join(lines)
    (said,) = re.findall(r"(?:Converged|Stopped|Finished|Diverged)\b[^.]*\.", text)
    assert heard(said)[:1] == ([1000] if "1,000 times" in said else [] if "the only epoch" in said else [last.epoch])
    assert ("numbers overflowed" in said) == last.overflowed
    assert said.startswith("Converged") == (last.status is Status.CONVERGED and config.stop_on == "dataset")
    assert ("below tol" in said and "not below" not in said) == (last.status is Status.CONVERGED)
    assert ("However, the mean loss is not below tol." in lines) == (
        last.status is Status.CONVERGED and not losses[-1] < config.tol
    )
    if last.overflowed:
        return
    x, y = last.problem.x, last.problem.y
    features = np.vander(x, 3)
    best = np.linalg.lstsq(features, y, rcond=None)[0]
    assert_near(text, r"Mean loss (.*?), a (.*?)[,.] b (.*?)[,.] c (.*?)\.(?= |$)", [losses[-1], *last.w])
    assert_near(text, r"Optimum: a (.*?)[,.] b (.*?)[,.] c (.*?)\.(?= |$)", best)
    assert_near(text, r"cannot go below (.*?)\.(?= |$)", [np.mean((features @ best - y) ** 2)])
    assert_near(text, r"was lower at the start: (.*?)\.(?= |$)", losses[:1])
    assert ("was lower at the start" not in text) or losses[-1] > losses[0]


def assert_near(text, pattern, values):
    if found := re.search(pattern, text):
        assert [heard(words)[0] for words in found.groups()] == [pytest.approx(v, rel=6e-3, abs=1e-20) for v in values]


@pytest.mark.parametrize(("name", "every"), [*((name, 1) for name in PRESETS), ("article", 7), ("noisy", 7)])
def test_every_preset_is_told_in_few_sentences(name, every):
    lines, losses, _ = spoken(PRESETS[name], every)
    assert len(lines) <= MOST_LINES
    check_for_the_ear(lines)
    if every == 1:
        check_the_facts(lines, losses)
    else:
        epochs = [int(found[1]) for found in map(AFTER.fullmatch, lines) if found]
        assert all(epoch % every == 1 or epoch == len(losses) - 1 for epoch in epochs)


def test_the_articles_run_as_it_is_heard():
    assert spoken(PRESETS["article"])[0] == [
        "Start: mean loss 5.79 million, a minus 1.83, b minus 132, c minus 2400.",
        "After 4 epochs: mean loss 6290, lowest so far.",
        "After 5 epochs: mean loss rose from 6290 to 7570.",
        "After 10 epochs: learning rate 0.25, was 0.5; mean loss 8.74, lowest so far.",
        "After 11 epochs: mean loss rose from 8.74 to 10.7.",
        "After 15 epochs: mean loss 0.0717, lowest so far.",
        "After 17 epochs: mean loss rose from 0.0114 to 0.0139.",
        "After 21 epochs: learning rate 0.125, was 0.25.",
        "After 23 epochs: mean loss rose to 1.65 times ten to the minus 5.",
        "Converged after 25 epochs: mean loss below tol.",
        "Mean loss 4.05 times ten to the minus 6, a 2.00, b minus 4.00, c 3.00.",
    ]


def check_for_the_ear_in_chinese(lines):
    for line in lines:
        assert 0 < len(line) <= 78, line
        assert line.endswith("。"), line
        assert not re.search(r"(?<![\d.])\d{5}|\d,\d|\d[eE]|(?<!\w)-[\d.]", line), line
        assert not re.search("[\u3000-\u9fff] [\u3000-\u9fff]", line), line
        assert not {*"²·←→√≤≥−%"} & {*line}


@pytest.mark.parametrize("name", ["article", "noisy", "too-fast", "ill-conditioned"])
def test_a_preset_is_told_in_chinese(name):
    with speaking("zh_CN"):
        lines, _, last = spoken(PRESETS[name])
        check_for_the_ear_in_chinese([*lines, *spoken_record(last.record, last.mean_loss), *spoken_update(last.record)])


def test_long_run_in_chinese():
    with speaking("zh_CN"):
        lines = spoken(RunConfig(samples=5, epochs=12_000, tol=0, batch="full", schedule="constant", lr=1e-4))[0]
        check_for_the_ear_in_chinese(lines)
        assert lines[0] == "起点：平均损失 566 万，a 负 1.83，b 负 132，c 负 2400。"
        assert any(line.startswith("1 万 2000 轮已全部完成") for line in lines)


def rates_by_formula(config):
    """The learning rate of each epoch and of the one after the last, from the manual's formulas."""
    lr0, every, decay, epochs = config.lr, config.decay_every, config.decay_rate, config.epochs
    return [
        {
            "constant": lr0,
            "halve": lr0 / 2 ** ((epoch + 1) // every),
            "exponential": lr0 * decay ** (epoch / every),
            "inverse-time": lr0 / (1 + decay * epoch / every),
            "cosine": lr0 * (1 + math.cos(math.pi * epoch / epochs)) / 2,
        }[config.schedule]
        for epoch in range(epochs + 1)
    ]


@trials(100)
@given(
    st.sampled_from(["constant", "halve", "exponential", "inverse-time", "cosine"]),
    st.floats(1e-3, 10),
    st.integers(1, 12),
    st.floats(0.05, 1),
    st.lists(st.sampled_from([0.03, 0.3, 0.9, 1.2]), min_size=30, max_size=150),
    st.sampled_from([1, 1, 7]),
)
def test_spoken_rates_match_schedule(schedule, lr, every, decay, factors, stride):
    """Each rate that is said is what the formula gives for that epoch, and "was" is a rate that there was before."""
    config = RunConfig(schedule=schedule, lr=lr, decay_every=every, decay_rate=decay, epochs=len(factors))
    rates, speech, before = rates_by_formula(config), RunSpeech(Session(config).snapshot().task), lr
    losses = [5e6 * product for product in itertools.accumulate(factors, operator.mul)]
    speech.hear(range(1, len(losses) + 1, stride), losses[::stride])
    told = [
        (int(epoch.replace(",", "")), news)
        for epoch, news in (AFTER.fullmatch(line).groups() for _, line in speech.told)
    ]
    for epoch, news in told:
        found = re.match(r"learning rate ([^,;]+)(?:, was ([^;]+))?", news)
        if found:
            assert heard(found[1]) == [pytest.approx(rates[epoch], rel=6e-3)]
            assert rates[epoch] <= before / 2 * 1.000001
            if found[2]:
                assert heard(found[2]) == [pytest.approx(before, rel=6e-3)]
            before = rates[epoch]


def test_delayed_news_gives_newest_rate():
    lines = spoken(RunConfig(schedule="exponential", decay_every=3, epochs=20))[0]
    assert lines[1] == "After 4 epochs: learning rate 0.198, was 0.5; mean loss 6150, lowest so far."  # 0.5 / 2^(4/3)


def test_momentums_swinging_is_joined():
    lines = spoken(PRESETS["momentum"])[0]
    assert sum("swings between" in line for line in lines) >= 5
    assert sum("rose" in line for line in lines) <= 2
    assert len(lines) <= 20


def test_divergence_ends_with_rise_and_remedy():
    lines = spoken(PRESETS["too-fast"])[0]
    assert lines[-4].startswith("After 6 epochs: mean loss rose")
    assert lines[-3:] == [
        "Diverged in epoch 6: the numbers overflowed.",
        "lr 1.2 is above the limit 1.03.",
        "Try --lr 0.92: then the run converges after 25 epochs.",
    ]


def test_a_stop_that_misled_says_so():
    lines = spoken(PRESETS["article-as-printed"])[0]
    assert lines[1:] == [
        "Stopped after 2 epochs: the loss of the last update is below tol.",
        "However, the mean loss is not below tol.",
        "Mean loss 386000, a 328, b minus 689, c 362.",
        "Optimum: a 2.00, b minus 4.00, c 3.00.",
    ]


configs = st.builds(
    dict,
    samples=st.sampled_from([1, 4, 30]),
    noise=st.sampled_from([0.0, 0.5]),
    lr=st.sampled_from([1e-6, 0.01, 0.5, 0.9, 1.2, 3.0]),
    schedule=st.sampled_from(["halve", "constant", "cosine", "exponential", "inverse-time"]),
    decay_every=st.sampled_from([1, 10]),
    optimizer=st.sampled_from(["sgd", "momentum", "nesterov", "adam", "rmsprop"]),
    batch=st.sampled_from(["1", "full"]),
    epochs=st.sampled_from([1, 2, 30, 100]),
    stop_on=st.sampled_from(["dataset", "last-update", "never"]),
    init=st.sampled_from([(2.0, -4.0, 3.0), (-11 / 6, -395 / 3, -2400.0), (-1.23e-5, -1.23e-12, -1.23e11)]),
    round_epochs=st.sampled_from([None, None, 2]),
)


@trials(80)
@given(configs)
def test_any_run_is_told_in_few_sentences(values):
    lines, losses, last = spoken(RunConfig(**values))
    assert len(lines) <= MOST_LINES
    assert lines[0].startswith("Start: mean loss ")
    assert heard(lines[0])[0] == pytest.approx(losses[0], rel=6e-3)
    check_the_end(lines[1:], losses, last)
    check_for_the_ear(lines)
    check_the_facts(lines, losses)


numbers = st.sampled_from([0.0, 1.234e-300, 1.234e-12, 0.1, 123456.0, 1.234e6, 1.234e300, math.inf])


@trials(200)
@given(
    st.builds(
        Event,
        epochs=st.integers(1, 10**9),
        loss=numbers,
        rate=numbers,
        lowest=st.booleans(),
        is_up=st.booleans(),
        rises=st.integers(1, 10**9),
        low=numbers,
        top=numbers,
        rate_before=st.none() | numbers,
    )
)
def test_whatever_happens_fits_a_line(event):
    check_for_the_ear([_sentence(event)])


def test_long_outcome_drops_only_w():
    session = Session(PRESETS["article"].replace(init=(-1.23e-5, -1.23e-12, -1.23e11), epochs=2), speed=None)
    snapshot = session.snapshot()
    whole, short = outcome(snapshot), outcome(snapshot, most=2)
    assert whole == [
        "Ready after 0 epochs.",
        "Mean loss 1.51 times ten to the 22.",
        "a minus 1.23 times ten to the minus 5.",
        "b minus 1.23 times ten to the minus 12.",
        "c minus 123 billion.",
    ]
    assert short == whole[:2]
    assert len(RunSpeech(snapshot.task).start) == 4


def test_busy_run_fills_its_line_budget():
    speech = RunSpeech(Session(PRESETS["article"].replace(epochs=4000)).snapshot().task)
    rng = np.random.default_rng(1)
    lines = [*speech.start, *speech.hear(range(1, 4001), (10.0 ** rng.uniform(-9, 9, 4000)).tolist())]
    assert 14 <= len(lines) <= MOST_LINES - 8
