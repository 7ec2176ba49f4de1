"""What is said of random configurations has the same numbers in English and in Chinese."""

import numpy as np
import pytest
from both_languages import in_both, numbers
from soak.sentences.cases import case, command
from soak.sentences.checking import hurried
from trials import FOR_RELEASE, SEED

from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, offered, rate_forecast
from quadfit_tui.core.diagnosis.wording import advice as advising
from quadfit_tui.core.explain.diagnosis_page import diagnosis_page
from quadfit_tui.core.explain.markdown_update import markdown_update
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.explain.update_table import update_table
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.export.formats import writer_of
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import brief_verdict, heading, shortest, verdict
from quadfit_tui.core.text import pronunciation

pytestmark = pytest.mark.timeout(1800)

COUNT = 100 if FOR_RELEASE else 15
WIDE = 400  # columns, which have room for all of the diagnosis in one line, in each language


class Told:
    """What is told of a run: at its start, after some update and at its end. What is known is the same each time."""

    def __init__(self, config, rng):
        self.config = config
        session = RunSession(config, speed=None)
        self.moments = [session.snapshot()]
        session.play()
        last = self._advanced(session)
        session.seek(*divmod(int(rng.integers(0, last.updates + 1)), last.updates_per_epoch))
        self.moments += [self._advanced(session), last]
        with hurried(0.02):
            self.diagnosis = diagnose(last.task)
            self.found = find_remedy(self.diagnosis)
            self.at_rate = {each.lr: rate_forecast(each.task, each.lr) for each in self.moments}

    @staticmethod
    def _advanced(session):
        while session.is_busy:
            session.advance(1)
        return session.snapshot()

    def of_diagnosis(self):
        for each in self.moments:
            remedy = offered(each, self.diagnosis, self.found)
            for part in diagnosis_page(each, self.diagnosis, self.at_rate[each.lr], remedy):
                yield from part

    def of_moments(self):
        for each in self.moments:
            yield from (heading(each, self.diagnosis.limit_at(each.lr)), verdict(each), brief_verdict(each))
        yield shortest(self.moments[-1])
        yield from (way for ways in advising.advice(self.moments[-1]) for way in ways)

    def of_updates(self):
        for record in (each.record for each in self.moments if each.record is not None):
            yield from (*worked_update(record), *markdown_update(record), *spoken_update(record))
            yield from (update_table(record).title, *update_table(record).lines)

    def as_run_writes(self, style):
        session, writer = RunSession(self.config, speed=None), writer_of(style)(self.config, 1)
        yield from writer.head()
        session.play()
        while session.is_busy:
            yield from writer.epochs(session.advance(1), 1)
        yield from writer.end(session.snapshot())

    def all(self):
        texts = [*self.of_diagnosis(), *self.of_moments(), *self.of_updates()]
        return texts + [line for style in ("spoken", "text", "article") for line in self.as_run_writes(style)]


def test_numbers_are_the_same_in_both_languages(monkeypatch):
    # A sentence that fits no line is said more briefly, and Chinese ones are shorter.
    monkeypatch.setattr(pronunciation, "LINE_WIDTH", 10**6)
    for index in range(COUNT):
        told = Told(case(SEED, index, most_samples=10, most_epochs=30), np.random.default_rng([SEED, index, 1]))
        # Which take as much time as there is, and may find more the next time.
        monkeypatch.setattr(advising, "diagnose", lambda *_, it=told.diagnosis, **__: it)
        monkeypatch.setattr(advising, "find_remedy", lambda _, it=told.found: it)
        english, chinese = in_both(told.all)
        assert len(english) == len(chinese) > 20
        for one, other in zip(english, chinese, strict=True):
            assert numbers(one) == numbers(other), (
                f"seed {SEED}, number {index}: {command(told.config)}\n{one}\n{other}"
            )


def test_numbers_that_are_words():
    assert numbers("minus 4.05 times ten to the minus 6, after 1,000 epochs") == numbers(
        "负 4.05 乘以 10 的负 6 次方，1000 轮后"
    )
    assert numbers("1,200,345, minus 2.00 million, 123 trillion") == numbers("120 万零 345，负 200 万、123 万亿")
    assert numbers("x_1 at 0.5") == numbers("0.5")
    assert numbers("-3") != numbers("3")
    assert numbers("3 of 4") != numbers("3 of 4 of 4")
