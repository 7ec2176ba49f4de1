"""A run in sentences: short, few, each true of the run, and nothing in them that a screen reader leaves out."""

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
from quadfit_tui.core.diagnosis.diagnose import diagnose
from quadfit_tui.core.explain.narrated_epochs import NarratedSentence
from quadfit_tui.core.explain.narrator import DATED, Narrator
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.export import run_speech
from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.recorder import RunLines
from quadfit_tui.core.export.run_speech import MOST_LINES, RunSpeech, _line, outcome, spoken_record
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.pronunciation import in_words
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

AFTER = re.compile(r"After ([\d,]+) epochs?: (.*)\.")


def spoken(config, every=1):
    """The sentences of a run, and the mean loss at its start and after each of its epochs."""
    session, lines = RunSession(config, speed=None), []
    writing = RunLines(lines.extend, writer_of("spoken")(config, every))
    losses = [session.snapshot().mean_loss]
    session.play()
    while not session.status.ended:
        records = session.advance(1.0)
        writing.write_records(session.snapshot(), records)
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


def whole_run_curves(config):
    timeline, log = Timeline(make_task(config)), RecordLog()
    while not timeline.at_end:
        timeline.approach(Position(config.epochs, 0), log)
    return timeline.history.curves()


def check_the_teller(config, lines):
    """That the lines of events are what the narrator tells of the run, aloud, each in full or in brief."""
    curves = whole_run_curves(config)
    narrator = Narrator(make_task(config), diagnose(make_task(config)))
    narrator.read_epochs(curves)
    assert len(lines) == len(narrator.sentences)
    for line, sentence in zip(lines, narrator.sentences, strict=True):
        full, brief = in_words(sentence.full), in_words(sentence.brief)
        when = "After 1 epoch: " if sentence.epochs == 1 else f"After {sentence.epochs} epochs: "
        assert line.lower() in [said.lower() for said in (full, f"{when}{full}", f"{when}{brief}.", f"{brief}.")]
        assert line[0].isupper() or line.startswith(("lr ", "a ", "b ", "c "))
        assert sentence.kind in DATED or line.startswith(when) or len(when + brief) > 77


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
    if len(x) > 2:  # else there are many
        assert_near(text, r"Optimum: a (.*?)[,.] b (.*?)[,.] c (.*?)\.(?= |$)", best)
    assert_near(text, r"cannot go below (.*?)\.(?= |$)", [np.mean((features @ best - y) ** 2)])
    assert_near(text, r"was lower at the start: (.*?)\.(?= |$)", losses[:1])
    assert ("was lower at the start" not in text) or losses[-1] > losses[0]


def assert_near(text, pattern, values):
    if found := re.search(pattern, text):
        assert [heard(words)[0] for words in found.groups()] == [pytest.approx(v, rel=6e-3, abs=1e-20) for v in values]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_told_in_few_sentences(name):
    lines, _, last = spoken(PRESETS[name])
    assert len(lines) <= MOST_LINES
    check_for_the_ear(lines)
    ended = len(outcome(last, advises=True))
    check_the_teller(PRESETS[name], lines[1 : len(lines) - ended])


def test_some_epochs_alone_are_told_of():
    lines, losses, _ = spoken(PRESETS["noisy"], every=7)
    of_losses = [line for line in lines if "lr" not in line]
    epochs = [int(epoch) for epoch in re.findall(r"After (\d+) epochs? ?[:l]", "\n".join(of_losses))]
    assert epochs
    assert all(epoch % 7 == 1 or epoch == len(losses) - 1 for epoch in epochs)


def test_the_articles_run_as_it_is_heard():
    assert spoken(PRESETS["article"])[0] == [
        "Start: mean loss 5.79 million, a minus 1.83, b minus 132, c minus 2400.",
        "At the start c is farthest off: minus 2400, its best value is 3.",
        "Half of the mean loss is gone after 1 epoch: 5.79 million to 1.6 million.",
        "After 3 epochs less than a hundredth of the mean loss is left: 48859.",
        "lr 0.5 is 49 percent of the limit: it should converge after 25 epochs.",
        "The mean loss grew in epoch 4: 6289 to 7572.",
        "After 9 epochs: from here lr is 0.25, it was 0.5.",
        "After 19 epochs: from here lr is 0.125, it was 0.25.",
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


def test_divergence_ends_with_rise_and_remedy():
    lines = spoken(PRESETS["too-fast"])[0]
    assert lines[-4] == "After 6 epochs: worse than at the start: 8.23 times ten to the 283."
    assert lines[-3:] == [
        "Diverged in epoch 6: the numbers overflowed.",
        "lr 1.2 is above the limit 1.03.",
        "Try --lr 0.92: then the run converges after 25 epochs.",
    ]


def test_a_stop_that_misled_says_so():
    lines = spoken(PRESETS["article-as-printed"])[0]
    assert lines[3:] == [
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
    begun, ended = len(RunSpeech(last.task).start), len(outcome(last, advises=True))
    check_the_teller(RunConfig(**values), lines[begun : len(lines) - ended])


@pytest.mark.parametrize("kind", ["begins", "valley"])
def test_a_sentence_too_long_aloud_is_told_in_brief(kind):
    said = _line(NarratedSentence(3, kind, f"It is so: {'1.23e-45 and ' * 4}no more.", "it is 1.23e-45"))
    assert said == "After 3 epochs: it is 1.23 times ten to the minus 45."
    brief = _line(NarratedSentence(3, kind, f"It is {'so ' * 40}.", f"under {'so ' * 22}so"))
    assert brief == f"Under {'so ' * 22}so."
    full = _line(NarratedSentence(3, kind, "It is so.", "so"))
    assert full == ("It is so." if kind in DATED else "After 3 epochs: it is so.")


def test_a_lesson_holds_sentences_back():
    speech = RunSpeech(make_task(PRESETS["playground"]), withheld=("optimum",))
    told = speech.hear([1, 2, 3], np.array([[0.0, 0.0, 8.0], [0.0, 0.0, 4.0], [1.0, 0.0, 0.0]]))
    assert told
    assert "best value" not in " ".join(told)


def test_long_outcome_drops_only_w():
    session = RunSession(PRESETS["article"].replace(init=(-1.23e-5, -1.23e-12, -1.23e11), epochs=2), speed=None)
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


def test_lines_are_left_for_the_end(monkeypatch):
    whole = spoken(PRESETS["article"])[0]
    monkeypatch.setattr(run_speech, "MOST_LINES", 13)  # nine of the end
    lines = spoken(PRESETS["article"])[0]
    assert lines == [*whole[:4], *whole[-2:]]
