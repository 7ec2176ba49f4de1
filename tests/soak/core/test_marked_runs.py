"""What is said of runs is looked up in the catalogue: in a language that marks its texts no English is left over."""

import re
from dataclasses import replace
from itertools import product

import numpy as np
from pseudo_locale import outside, pseudo_locale
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, offered
from quadfit_tui.core.diagnosis.wording.advice import advice
from quadfit_tui.core.explain.diagnosis_page import diagnosis_page
from quadfit_tui.core.explain.markdown_update import markdown_update
from quadfit_tui.core.explain.narrator import Narrator, ending
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.explain.update_table import update_table
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.export.writers import NarrowTextWriter
from quadfit_tui.core.rate_map.pieces import whole_map
from quadfit_tui.core.rate_map.rate_map import figures_of, ups_of
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import brief_verdict, heading, shortest, verdict
from quadfit_tui.core.training.position import allowed_moments, moment_phrase, moments_in_brief

# Names in formulas; of a moment; optimizers as a sentence begins.
NAMES = ("loss", "epoch", "y_out", "cos", "beta", "start", "Adam", "Nesterov")
CONFIGS = {
    "converges": RunConfig(samples=80, epochs=60),
    "diverges": PRESETS["playground"].replace(lr=2.0, epochs=40),
    "too slow": PRESETS["full-batch"].replace(epochs=10),
    "misled": PRESETS["article-as-printed"],
    "noisy": RunConfig(noise=1.0, samples=30, batch=5, epochs=30, lr=0.3, schedule="constant"),
    "scaled": RunConfig(samples=20, batch=4, epochs=6, optimizer="adam", scale_features=True, schedule="cosine"),
    "rounded": RunConfig(samples=10, epochs=4, round_epochs=2, shuffle=True, optimizer="nesterov", stop_on="never"),
}


def trained(config, updates=None):
    session = RunSession(config, speed=None)
    if updates is None:
        session.play()
    else:
        session.seek(*divmod(updates, session.snapshot().updates_per_epoch))
    while session.is_busy:
        session.advance(1)
    return session.snapshot()


def left_over(lines, names=()):
    found = [(word, line) for line in lines for word in outside(line, {*NAMES, *names})]
    return [each for each in found if not re.fullmatch("[a-z]+_[abc]", each[0])]  # of one parameter


@table("config", CONFIGS.values())
def test_end_of_run(config):
    snapshot = trained(config)
    with pseudo_locale():
        said = [heading(snapshot, 0.1), verdict(snapshot), brief_verdict(snapshot), shortest(snapshot)]
        said += [way for ways in advice(snapshot) for way in ways]
    assert left_over(said) == []


@table(("config", "updates"), product(CONFIGS.values(), [None, 0, 3]))
def test_the_diagnosis(config, updates):
    snapshot = trained(config, updates)
    with pseudo_locale():
        diagnosis = diagnose(snapshot.task)
        remedy = offered(snapshot, diagnosis, find_remedy(diagnosis))
        said = [text for part in diagnosis_page(snapshot, diagnosis, None, remedy, {"map"}) for text in part]
    assert left_over(said) == []


@table("config", CONFIGS.values())
def test_the_narrator(config):
    session = RunSession(config, speed=None)
    before = session.run
    session.seek(config.epochs)
    while session.is_busy:
        session.advance(1)
    snapshot, earlier = session.snapshot(), replace(session.run, task=before.task.replace(lr=0.01))
    with pseudo_locale():
        diagnosis = diagnose(snapshot.task)
        narrator = Narrator(snapshot.task, diagnosis, earlier=earlier)
        narrator.read_epochs(session.timeline.history.curves())
        said = [text for sentence in narrator.sentences for text in (sentence.full, sentence.brief)]
        said += ending(snapshot, diagnosis, (), earlier, more_helps=True).ways
    assert narrator.sentences
    assert left_over(said) == []


@table("config", CONFIGS.values())
def test_one_update(config):
    record = trained(config, 3).record
    with pseudo_locale():
        table = update_table(record)
        said = [*worked_update(record), *spoken_update(record), table.title, *table.lines]
        said += [re.sub(r"\$[^$]*\$", "", line) for line in markdown_update(record)]
    assert left_over(said) == []


@table("config", CONFIGS.values())
def test_what_is_exported_to_be_read(config):
    session, lines = RunSession(config, speed=None), []
    with pseudo_locale():
        writers = [
            writer_of("text")(config),
            NarrowTextWriter(config),
            writer_of("spoken")(config),
        ]
        for writer in writers:
            lines += writer.head()
        session.play()
        while session.is_busy:
            records = session.advance(0.01)
            lines += [line for writer in writers for line in writer.epochs(records, 1)]
        lines += [line for writer in writers for line in writer.end(session.snapshot())]
    assert left_over(lines) == []


def test_maps_and_moments():
    said = []
    for config in (CONFIGS["noisy"], PRESETS["full-batch"].replace(samples=20, epochs=20)):
        with pseudo_locale():
            for up in ups_of(config):
                found = whole_map(RunSession(config).timeline.task, up, figures_of(config, up)[0], (6, 4))
                said += [found.summary(), *(found.sentence(*cell) for cell in np.ndindex(found.values.shape))]
    with pseudo_locale():
        said += [allowed_moments(9, 3), *moments_in_brief(9, 3), *moments_in_brief(1, 1)]
        said += [moment_phrase(trained(config, 2).position) for config in CONFIGS.values()]
    assert left_over(said) == []
