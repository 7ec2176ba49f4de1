"""A lesson without a file, and transcripts of students who took it, for tests."""

from datetime import UTC, datetime, timedelta

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.teaching.course.transcript_entry import Entry, Event, format_line
from quadfit_tui.teaching.notation.lesson import Answer, Lesson, Prose, Step, StepKind, Tolerance

NOON = datetime(2026, 9, 21, 12, 0, 0, tzinfo=UTC)


def answers(*rows):
    """Rows of a question, the right one first: of texts and expressions."""
    return tuple(
        Answer(text, number == 0, code, Prose("So it is."), number) for number, (text, code) in enumerate(rows)
    )


RATE = Lesson(
    id="rate",
    version=2,
    title="The learning rate",
    minutes=20,
    aim="",
    misconception="",
    source="",
    runs={"ten": PRESETS["full-batch"].replace(schedule="constant", lr=1.0, epochs=2000)},
    digest="0123456789abcdef",
    steps=(
        Step("start", StepKind.SAY, "One update an epoch", Prose("Read."), 1),
        Step(
            "ten",
            StepKind.PREDICT,
            "Ten times the rate",
            Prose("How many?"),
            2,
            answers(("a tenth", "ten.epochs"), ("as many", "1406")),
            tolerance=Tolerance("factor", 1.5),
            written_answer="136",
        ),
        Step(
            "near",
            StepKind.PREDICT,
            "Just below",
            Prose("More?"),
            3,
            answers(("more epochs", "1 < 2"), ("fewer still", "1 > 2"), ("=it diverges", "2 > 3")),
        ),
        Step(
            "factor",
            StepKind.OBSERVE,
            "How much more",
            Prose("By what?"),
            4,
            answers(("a few", "ten.lr * 2"), ("the other way", "0.5")),
            tolerance=Tolerance("exact", 0.0),
            written_answer="2",
        ),
        Step("own", StepKind.DO, "Your own", Prose("Find one."), 5, until="now.epochs > 1", solution="epochs:2"),
        Step("why", StepKind.EXPLAIN, "In your words", Prose("Why?"), 6),
    ),
)


class Diary:
    """A transcript in the making, of a student in RATE; a line each ten seconds."""

    def __init__(self, lesson=RATE, time=NOON):
        self.lesson, self.time, self.lines = lesson, time, []

    def tell(self, event, step="", after=10, **more):
        """Appends an event; fields of Entry by name."""
        self.time += timedelta(seconds=after)
        values = {"lesson": self.lesson.id, "version": self.lesson.version, "digest": self.lesson.digest} | more
        if step in self.lesson.by_id:
            values.setdefault("kind", self.lesson.by_id[step].kind)
        entry = Entry(Event(event), self.time, step=step, **values)
        self.lines.append(format_line(entry, len(self.lines), self.lines[-1] if self.lines else None))
        return self

    def take(self, *steps):
        """Appends what a step of the lesson makes: its name alone, or with what was typed, letter or number or text."""
        for step, *typed in steps:
            kind = self.lesson.by_id[step].kind
            self.tell("seen", step)
            for each in typed:
                if kind is StepKind.EXPLAIN:
                    self.tell("said", step, text=each)
                elif self.lesson.by_id[step].is_choice:
                    self.tell("answer", step, choice=each, got="right")
                else:
                    self.tell("answer", step, answer=each, got="right")
            self.tell("done", step)
        return self

    @property
    def content(self):
        """The file."""
        return b"".join(line + b"\n" for line in self.lines)
