"""RunDialogue: a run that is set up, trained, changed and asked about by words, and answers in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Set

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.other_names import did_you_mean_name, meant
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import CUSTOM, PRESETS, SUMMARIES, preset_for, scene_name
from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, offered
from quadfit_tui.core.explain.diagnosis_page import diagnosis_page
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.export.run_speech import RunSpeech, outcome
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, comma_separated, in_english, ngettext
from quadfit_tui.core.text.pronunciation import speak_result
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed
from quadfit_tui.core.training.position import START, Position, allowed_moments, done_in_words, read_moment
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import Script
from quadfit_tui.teaching.dialogue.words import parted, plain, value_of

_SLICE = 0.2  # seconds of training between two looks at whether there is something to say
_CHANGED = N_("{name} {new} instead of {old}")
_AT_START = N_("The run is at its start again.")
_ENDED = N_("The run has ended; restart begins it again.")
_MOST = 3  # sentences of a run that are said in a lesson before more are asked for
_MORE = N_("Type more to hear all of it.")


class RunDialogue:
    """A run, that of a session or the one that a `course` with some is about at present.

    What a method gives is what is to be said.
    """

    def __init__(self, session: RunSession, course: Course | None = None) -> None:
        self._session = session
        self._course = course
        self._script = None if course is None else Script(course, session, self._restart)
        self._speech = RunSpeech(self.snapshot.task, self._held)
        self._is_set_up = False  # and what it is was said
        self._told: list[str] = []  # all that there was to tell of the run at last

    @property
    def snapshot(self) -> Snapshot:
        """Where the run stands."""
        return self._session.snapshot()

    # Which run it is

    def set_up(self, anew: bool = False) -> Iterator[str]:
        """Has the run be that of the present step, where the step is about it, as Script has it."""
        before, was_at, is_first = self._session.config, self.snapshot.position, not self._is_set_up
        if self._script is None or not self._script.set_up(anew):
            return
        for _line in self._train():  # nothing is said of what the step is about
            pass
        self._is_set_up = True
        changes = () if is_first else differences(before, self._session.config, _(_CHANGED))
        if is_first:
            yield from self.settings_in_short()
        elif changes:
            yield _("The run is set up: {changes}.").format(changes=comma_separated(changes))
        if self.snapshot.position != START:
            yield self._stands(is_named=bool(changes) or is_first)
        elif was_at != START and not changes and not is_first:
            yield _(_AT_START)

    def _stands(self, is_named: bool) -> str:
        """How far the run is; which run `is_named` in the sentence before."""
        if self._session.status.ended:
            said = _("It stands at its end, after {done}.") if is_named else ""
            said = said or _("The run stands at its end, after {done}.")
        else:
            said = _("It stands after {done}.") if is_named else _("The run stands after {done}.")
        return said.format(done=done_in_words(self.snapshot.position))

    def settings_in_short(self) -> Iterator[str]:
        """The settings that matter most."""
        config = self._session.config
        batch, rate = PARAMETERS["batch"].show(config.batch), PARAMETERS["lr"].show(config.lr)
        samples = ngettext("{n} sample", "{n} samples", len(self.snapshot.problem.x))
        epochs = ngettext("{n} epoch", "{n} epochs", config.epochs)
        said = _("The run is set up: {samples}, batch {batch}, lr {rate}, at most {epochs}.")
        yield said.format(samples=samples, batch=batch, rate=rate, epochs=epochs)

    def show(self) -> Iterator[str]:
        """Shows what a prediction was about."""
        assert self._script is not None
        yield _("Now the run.") if self._script.show() else _("Now the next update.")
        yield from self._arrive()

    def change(self, text: str) -> Iterator[str]:
        """Begins the run anew with another value of a parameter, as in `lr 1.6` or `scale features yes`.

        Raises ValueError where there is no such parameter or value, or it would make no difference.
        """
        name, value = _parameter(text)
        before = self._session.config
        config = before.with_values({name: value})
        if name in config.unused:
            raise ValueError(_("{setting} makes no difference to this run").format(setting=PARAMETERS[name].label))
        self._restart(config)
        if changes := differences(before, config, _(_CHANGED)):
            yield _("A new run: {changes}.").format(changes=comma_separated(changes))
        else:
            yield _("A new run, with the same settings.")

    def begin(self, preset: str) -> Iterator[str]:
        """Begins the run of a preset. Raises ValueError where there is none."""
        name = plain(preset)
        if name not in PRESETS:
            raise ValueError(did_you_mean(_("{name} is no preset").format(name=quoted(preset)), preset, PRESETS))
        self._restart(preset_for(name, self._session.config))
        yield from self.introduce()

    def introduce(self) -> Iterator[str]:
        """Which preset it is, if any, and its settings."""
        name = scene_name(self._session.config)
        if name != CUSTOM:
            yield _("This is the preset {name}: {summary}.").format(name=name, summary=_(SUMMARIES[name]))
        yield from self.settings_in_short()

    def restart(self) -> Iterator[str]:
        """Begins the same run again."""
        self._restart(self._session.config)
        yield _(_AT_START)

    def _restart(self, config: RunConfig) -> None:
        self._session.restart(config)
        self._told = []
        self._speech = RunSpeech(self.snapshot.task, self._held)

    # Going through it

    def play(self, epochs: int | None = None) -> Iterator[str]:
        """Trains so many epochs, or to the end, and tells what happened."""
        if self._session.status.ended:
            yield _(_ENDED)
        elif epochs is None:
            self._session.play()
            yield from self._arrive()
        else:
            self._session.jump(epochs)
            yield from self._arrive()

    def step(self, updates: int = 1) -> Iterator[str]:
        """Makes so many updates, or goes back by so many if it is less than 0."""
        if self._session.status.ended and updates > 0:
            yield _(_ENDED)
            return
        snapshot = self.snapshot
        goal = Position.after(max(0, snapshot.updates + updates), snapshot.updates_per_epoch)
        self._session.seek(*min(goal, Position(snapshot.config.epochs, 0)))
        yield from self._arrive()

    def to(self, text: str) -> Iterator[str]:
        """Goes to a moment, as `14` or `15:3`; raises ValueError where the run has none."""
        config, per_epoch = self._session.config, self.snapshot.updates_per_epoch
        try:
            position = read_moment(text, config.epochs, per_epoch)
        except ValueError as refused:
            raise ValueError(with_allowed(str(refused), allowed_moments(config.epochs, per_epoch))) from None
        self._session.seek(*position)
        yield from self._arrive()

    def _train(self) -> Iterator[str]:
        while self._session.is_busy:
            yield from self._speech.narrate_records(self._session.advance(_SLICE))

    def _arrive(self) -> Iterator[str]:
        """Trains as far as was asked for; yields what happened, and how the run ended or where it stands.

        In a lesson, where that would be more than _MOST sentences, it yields only how the run ended, and that `more`
        has the rest.
        """
        if self._course is None:
            yield from self._train()
            yield from self._arrived()
            return
        happened, arrived = [*self._train()], [*self._arrived()]
        self._told = [*happened, *arrived]
        is_short = len(self._told) <= _MOST
        yield from self._told if is_short else [*arrived[: _MOST - 1], _(_MORE)]

    def _arrived(self) -> Iterator[str]:
        """How the run ended, or where it stands."""
        if self._session.status.ended:
            yield from self._speech.end(self.snapshot, limit=self._limit(), tells_optimum="optimum" not in self._held)
        else:
            yield from self.where()

    def more(self) -> Iterator[str]:
        """All that there was to tell of the run when it was played last, or else where it stands."""
        yield from self._told or self.where()

    # Questions about it

    @property
    def _held(self) -> Set[str]:
        """What is not to be told of it now."""
        return frozenset() if self._course is None else self._course.withheld

    def where(self) -> Iterator[str]:
        """Where the run stands."""
        if self.snapshot.status is Status.READY:
            yield from RunSpeech(self.snapshot.task).start
        else:
            yield from outcome(self.snapshot, limit=self._limit(), tells_optimum="optimum" not in self._held)
            if self.snapshot.loss is not None and not self.snapshot.task.is_full_batch:
                yield _("Loss of the last update {loss}.").format(loss=speak_result(self.snapshot.loss))

    def _limit(self) -> float | None:
        """The learning rate above which the run diverges; looked for where the mean loss has come to be higher."""
        snapshot = self.snapshot
        if snapshot.mean_loss <= snapshot.task.loss_at_start or "forecast" in self._held:
            return None
        return diagnose(snapshot.task, looking_ahead=False).limit_at(snapshot.lr)

    def settings(self) -> Iterator[str]:
        """All settings that make a difference to the run."""
        config = self._session.config
        for name, parameter in PARAMETERS.items():
            if name not in config.unused:
                value = parameter.show(getattr(config, name)) or _("none")
                yield _("{name} {value}.").format(name=parameter.label, value=value)

    def why(self) -> Iterator[str]:
        """The diagnosis of the run."""
        snapshot = self.snapshot
        diagnosis = diagnose(snapshot.task, looking_ahead=not snapshot.status.ended)
        has_remedy = snapshot.status.ended and "remedy" not in self._held
        remedy = offered(snapshot, diagnosis, find_remedy(diagnosis)) if has_remedy else None
        for _style, text in diagnosis_page(snapshot, diagnosis, None, remedy, self._held):
            yield text

    def update(self) -> Iterator[str]:
        """The numbers of the update that led to where the run stands."""
        record = self.snapshot.record
        if record is None:
            yield _("No update has been made yet; step makes one.")
        else:
            yield from spoken_update(record)


def _named(word: str) -> str | None:
    """The name of a parameter that is called so, or that lines call so: a file of samples is data, and called file."""
    labels = {parameter.label.lower(): name for name, parameter in PARAMETERS.items()}
    with in_english():
        labels |= {parameter.label: name for name, parameter in PARAMETERS.items()}
    by_label = {label.replace(" ", "_"): name for label, name in labels.items()}
    return word if word in PARAMETERS else by_label.get(word)


def _parameter(text: str) -> tuple[str, str]:
    """The name of a parameter and its value as typed; raises ValueError."""
    words = parted(text).split()
    for count in range(min(3, len(words)), 0, -1):
        name = _named(plain("_".join(words[:count])).replace("-", "_"))
        if name is not None:
            if not words[count:]:
                raise ValueError(_("{setting} needs a value, as in set lr 0.5").format(setting=PARAMETERS[name].label))
            return name, value_of(" ".join(words[count:]))
    first = next((named for count in (3, 2) if meant(named := " ".join(words[:count]), PARAMETERS)), *words[:1] or [""])
    problem = did_you_mean_name(_("{name} is no setting").format(name=quoted(first)), first, PARAMETERS)
    raise ValueError(_("{problem}; an example is set lr 0.5").format(problem=problem))
