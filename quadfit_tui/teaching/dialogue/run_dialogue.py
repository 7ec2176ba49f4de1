"""RunDialogue: sets up, trains, changes and describes a run by commands in words, with output in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Set

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.other_names import did_you_mean_name, resolve_other_name
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import CUSTOM, PRESETS, SUMMARIES, preset_for, scene_name
from quadfit_tui.core.diagnosis.diagnose import diagnose, find_remedy, offered
from quadfit_tui.core.explain.diagnosis_page import diagnosis_page
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.export.run_speech import RunSpeech, outcome
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, comma_separated, full_stop, in_english, labeled, ngettext
from quadfit_tui.core.text.pronunciation import speak_input, speak_result
from quadfit_tui.core.text.quoting import did_you_mean, quoted, with_allowed
from quadfit_tui.core.training.position import START, Position, allowed_moments, parse_moment, progress_phrase
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import Script
from quadfit_tui.teaching.dialogue.words import normalize_word, parse_value, split_value

_SLICE = 0.2  # seconds of training between two checks for events to report
_CHANGED = N_("{name} {new} instead of {old}")
_AT_START = N_("The run is at its start again.")
_ENDED = N_("The run has ended; restart begins it again.")
_MOST = 3  # limit of sentences on a run in a lesson; the command `more` has the rest
_MORE = N_("Type more to hear all of it.")


class RunDialogue:
    """The commands on a run: one to play with, or that of the present step of a `course`.

    Methods that are iterators yield the sentences to be output.
    """

    def __init__(self, session: RunSession, course: Course | None = None) -> None:
        self._session = session
        self._course = course
        self._script = None if course is None else Script(course, session, self._restart)
        self._speech = RunSpeech(self.snapshot.task, self._withheld)
        self._is_set_up = False  # whether a step has set up the run, and its settings were output
        self._latest: list[str] = []  # all sentences on the latest training, for `more`

    @property
    def snapshot(self) -> Snapshot:
        """The run at its present moment."""
        return self._session.snapshot()

    # Which run it is

    def set_up(self, anew: bool = False) -> Iterator[str]:
        """Sets up the run of the present step at its moment; yields what has changed. Called when a step begins.

        `anew`: the student comes from elsewhere, or repeats the step.
        """
        config_before, position_before = self._session.config, self.snapshot.position
        is_first = not self._is_set_up
        if self._script is None or not self._script.set_up(anew):
            return
        for _line in self._train():  # the step itself describes what happens up to its moment
            pass
        self._is_set_up = True
        changes = () if is_first else differences(config_before, self._session.config, _(_CHANGED))
        if is_first:
            yield from self.settings_in_short()
        elif changes:
            yield _("The run is set up: {changes}.").format(changes=comma_separated(changes))
        if self.snapshot.position != START:
            yield self._position_sentence(is_named=bool(changes) or is_first)
        elif position_before != START and not changes and not is_first:
            yield _(_AT_START)

    def _position_sentence(self, is_named: bool) -> str:
        """Formats how far the run is; `is_named`: whether the sentence before names the run."""
        if self._session.status.ended:
            template = _("It stands at its end, after {done}.") if is_named else ""
            template = template or _("The run stands at its end, after {done}.")
        else:
            template = _("It stands after {done}.") if is_named else _("The run stands after {done}.")
        return template.format(done=progress_phrase(self.snapshot.position))

    def settings_in_short(self) -> Iterator[str]:
        """Yields a sentence with the most important settings."""
        config = self._session.config
        batch, rate = PARAMETERS["batch"].show(config.batch), PARAMETERS["lr"].show(config.lr)
        samples = ngettext("{n} sample", "{n} samples", len(self.snapshot.problem.x))
        epochs = ngettext("{n} epoch", "{n} epochs", config.epochs)
        template = _("The run is set up: {samples}, batch {batch}, lr {rate}, at most {epochs}.")
        yield template.format(samples=samples, batch=batch, rate=rate, epochs=epochs)

    def show(self) -> Iterator[str]:
        """Plays the run or update that a prediction was about; called once it is answered or skipped."""
        assert self._script is not None
        yield _("Now the run.") if self._script.show() else _("Now the next update.")
        yield from self._arrive()

    def change(self, text: str) -> Iterator[str]:
        """Restarts the run with another value of a parameter, from a text such as `lr 1.6` or `scale features yes`.

        A file may name its columns: `file ball.csv columns t,y`. Without a text, yields the settings. Raises ValueError
        if there is no such parameter or value, or the run does not use it.
        """
        if not text:
            yield from self.settings()
            return
        values = _parse_settings(text)
        before = self._session.config
        config = before.with_values(values)
        for name in values:
            if name in config.unused:
                raise ValueError(_("{setting} makes no difference to this run").format(setting=PARAMETERS[name].label))
        self._restart(config)
        if changes := differences(before, config, _(_CHANGED)):
            yield _("A new run: {changes}.").format(changes=comma_separated(changes))
        else:
            yield _("A new run, with the same settings.")

    def rate(self) -> Iterator[str]:
        """Yields the learning rate of the next update."""
        yield _("Learning rate {rate}.").format(rate=speak_input(self.snapshot.lr))

    def begin(self, preset: str) -> Iterator[str]:
        """Starts the run of a preset; without a name, yields all. Raises ValueError if there is no such preset."""
        name = normalize_word(preset)
        if not name:
            for name in PRESETS:
                yield full_stop(labeled(name, _(SUMMARIES[name])))
            return
        if name not in PRESETS:
            raise ValueError(did_you_mean(_("{name} is no preset").format(name=quoted(preset)), preset, PRESETS))
        self._restart(preset_for(name, self._session.config))
        yield from self.introduce()

    def introduce(self) -> Iterator[str]:
        """Yields the name of the run's preset, if it is one, and its main settings."""
        name = scene_name(self._session.config)
        if name != CUSTOM:
            yield _("This is the preset {name}: {summary}.").format(name=name, summary=_(SUMMARIES[name]))
        yield from self.settings_in_short()

    def restart(self) -> Iterator[str]:
        """Puts the run back to its start, with the same settings."""
        self._restart(self._session.config)
        yield _(_AT_START)

    def _restart(self, config: RunConfig) -> None:
        """Starts a run of a configuration in the session, and forgets the sentences on the run before."""
        self._session.restart(config)
        self._latest = []
        self._speech = RunSpeech(self.snapshot.task, self._withheld)

    # Training

    def play(self, epochs: int | None = None) -> Iterator[str]:
        """Trains a number of epochs, or to the end of the run; yields what happened."""
        if self._session.status.ended:
            yield _(_ENDED)
        elif epochs is None:
            self._session.play()
            yield from self._arrive()
        else:
            self._session.jump(epochs)
            yield from self._arrive()

    def step(self, updates: int = 1) -> Iterator[str]:
        """Makes a number of updates, or takes back as many if it is negative; yields where the run stands then."""
        if self._session.status.ended and updates > 0:
            yield _(_ENDED)
            return
        snapshot = self.snapshot
        goal = Position.after(max(0, snapshot.updates + updates), snapshot.updates_per_epoch)
        self._session.seek(*min(goal, Position(snapshot.config.epochs, 0)))
        yield from self._arrive()

    def to(self, text: str) -> Iterator[str]:
        """Moves the run to a moment, such as `14` or `15:3`; raises ValueError if there is none."""
        config, per_epoch = self._session.config, self.snapshot.updates_per_epoch
        try:
            position = parse_moment(text, config.epochs, per_epoch)
        except ValueError as refused:
            raise ValueError(with_allowed(str(refused), allowed_moments(config.epochs, per_epoch))) from None
        self._session.seek(*position)
        yield from self._arrive()

    def _train(self) -> Iterator[str]:
        """Trains until the session is where it was sent; yields the events on the way."""
        while self._session.is_busy:
            yield from self._speech.narrate_records(self._session.advance(_SLICE))

    def _arrive(self) -> Iterator[str]:
        """Trains until the session is where it was sent; yields the events, and how the run ended or where it stands.

        In a lesson, if these are more than _MOST sentences, it leaves out the events, and names the command `more`.
        """
        if self._course is None:
            yield from self._train()
            yield from self._arrived()
            return
        events = [*self._train()]
        arrival = [*self._arrived()]
        self._latest = [*events, *arrival]
        if len(self._latest) <= _MOST:
            yield from self._latest
        else:
            yield from [*arrival[: _MOST - 1], _(_MORE)]

    def _arrived(self) -> Iterator[str]:
        """Yields how the run ended, or where it stands."""
        if self._session.status.ended:
            yield from self._speech.end(
                self.snapshot, limit=self._limit(), tells_optimum="optimum" not in self._withheld
            )
        else:
            yield from self.where()

    def more(self) -> Iterator[str]:
        """Yields all sentences on the latest training, of which a lesson shows some, or else where the run stands."""
        yield from self._latest or self.where()

    # Questions about the run

    @property
    def _withheld(self) -> Set[str]:
        """The kinds of facts that the lesson withholds now."""
        return frozenset() if self._course is None else self._course.withheld

    def where(self) -> Iterator[str]:
        """Yields where the run stands: epochs done, the losses, and a, b, c."""
        if self.snapshot.status is Status.READY:
            yield from RunSpeech(self.snapshot.task).start
        else:
            yield from outcome(self.snapshot, limit=self._limit(), tells_optimum="optimum" not in self._withheld)
            if self.snapshot.loss is not None and not self.snapshot.task.is_full_batch:
                yield _("Loss of the last update {loss}.").format(loss=speak_result(self.snapshot.loss))

    def _limit(self) -> float | None:
        """Returns the learning rate above which the run diverges; None if withheld, or the mean loss has not grown."""
        snapshot = self.snapshot
        if snapshot.mean_loss <= snapshot.task.loss_at_start or "forecast" in self._withheld:
            return None
        return diagnose(snapshot.task, looking_ahead=False).limit_at(snapshot.lr)

    def settings(self) -> Iterator[str]:
        """Yields the value of each setting that the run uses."""
        config = self._session.config
        for name, parameter in PARAMETERS.items():
            if name not in config.unused:
                value = parameter.show(getattr(config, name)) or _("none")
                yield _("{name} {value}.").format(name=parameter.label, value=value)

    def why(self) -> Iterator[str]:
        """Yields the diagnosis of the run, and a remedy if it has ended, without what the lesson withholds."""
        snapshot = self.snapshot
        diagnosis = diagnose(snapshot.task, looking_ahead=not snapshot.status.ended)
        has_remedy = snapshot.status.ended and "remedy" not in self._withheld
        remedy = offered(snapshot, diagnosis, find_remedy(diagnosis)) if has_remedy else None
        for _style, text in diagnosis_page(snapshot, diagnosis, None, remedy, self._withheld):
            yield text

    def update(self) -> Iterator[str]:
        """Yields the numbers of the update that led to where the run stands."""
        record = self.snapshot.record
        if record is None:
            yield _("No update has been made yet; step makes one.")
        else:
            yield from spoken_update(record)


def _parameter_name(word: str) -> str | None:
    """Returns the parameter with a name or label (English or translated), or None: `file` is the label of `data`."""
    labels = {parameter.label.lower(): name for name, parameter in PARAMETERS.items()}
    with in_english():
        labels |= {parameter.label: name for name, parameter in PARAMETERS.items()}
    by_label = {label.replace(" ", "_"): name for label, name in labels.items()}
    return word if word in PARAMETERS else by_label.get(word)


def _parse_settings(text: str) -> dict[str, str]:
    """Parses a line such as `scale features yes`, or `file ball.csv columns t,y`; raises ValueError if invalid."""
    name, value = _parse_setting(text)
    for label in (PARAMETERS["columns"].label, "columns"):
        file, comma, columns = value.partition(f" {label} ")
        if name == "data" and comma:
            return {name: file.rstrip(",，"), "columns": columns}
    return {name: value}


def _parse_setting(text: str) -> tuple[str, str]:
    """Parses a line such as `scale features yes` to a parameter and its value; raises ValueError if invalid."""
    words = split_value(text).split()
    for count in range(min(3, len(words)), 0, -1):
        name = _parameter_name(normalize_word("_".join(words[:count])).replace("-", "_"))
        if name is not None:
            if not words[count:]:
                raise ValueError(_("{setting} needs a value, as in set lr 0.5").format(setting=PARAMETERS[name].label))
            return name, parse_value(" ".join(words[count:]))
    first = next(
        (guess for count in (3, 2) if resolve_other_name(guess := " ".join(words[:count]), PARAMETERS)),
        *words[:1] or [""],
    )
    problem = did_you_mean_name(_("{name} is no setting").format(name=quoted(first)), first, PARAMETERS)
    raise ValueError(_("{problem}; an example is set lr 0.5").format(problem=problem))
