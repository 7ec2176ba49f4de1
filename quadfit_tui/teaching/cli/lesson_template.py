"""new_lesson: the text of a lesson to begin with, for a teacher's own samples, its numbers worked out by training."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from quadfit_tui.core.config.presets import BARE, OWN_DATA, PRESETS
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.samples.reader import Samples
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.text.language import _, present
from quadfit_tui.teaching.judging.facts import shown
from quadfit_tui.teaching.judging.trained_run import TrainedRun
from quadfit_tui.teaching.notation.catalog import LessonError
from quadfit_tui.teaching.notation.reading.notation import LARGEST_LESSON

_TOO_FAST, _FAIR = 3.0, 0.5  # of the limit
_SLOW = 0.01  # of the rate that suits the samples
_NEAR = 1.5  # times the mean loss at that rate: what a task asks for
_CLOSE = 1e-6  # of the mean loss at the start: near enough where there is nothing left


def new_lesson(id: str, samples: Samples | None = None, headings: Sequence[str] = ("x", "y")) -> str:
    """The text of a lesson with an id, on these samples or, without, on those of a preset, in the language in use.

    Raises LessonError where the samples are more than a lesson holds.
    """
    if samples is None:
        config, data = PRESETS[BARE], ""
    else:
        pairs = zip(map(_text, samples.x.tolist()), map(_text, samples.y.tolist()), strict=True)
        csv = "\n".join([",".join(headings), *map(",".join, pairs), ""])
        if len(csv) > LARGEST_LESSON // 2:
            most = len(samples.x) * LARGEST_LESSON // 2 // len(csv)
            told = _("has {n} samples; allowed in a lesson: about {most} of these")
            raise LessonError(told.format(n=len(samples.x), most=most))
        name = f"lesson:{id}/own"
        virtual_files.provide(name, csv.encode())
        config, data = PRESETS[OWN_DATA].replace(data=name), f'[data.own]\ncsv = """\n{csv}"""\n\n'
    task = make_task(config)
    rate, bound = config.lr, limit(task).rate or config.lr
    slow = float(f"{rate * _SLOW:.2g}")
    ours = TrainedRun(config, (), lambda seconds: None).end  # noqa: ARG005
    least, start = ours.mean_loss, task.loss_at_start
    letter = _most_telling(ours.w, task.problem.x)
    return _template().substitute(
        id=id,
        title=id.replace("-", " ").capitalize(),
        data=data,
        begin=f'preset = "{BARE}"' if samples is None else 'data = "lesson:own"',
        rate=f"{rate:g}",
        fast=f"{bound * _TOO_FAST:.2g}",
        other=f"{bound * _FAIR:.2g}",
        slow=f"{slow:g}",
        count=len(task.problem.x),
        letter=letter,
        answer=shown(float(ours.w[PARAMETER_NAMES.index(letter)])),
        goal=f"{max(min(least * _NEAR, (least + start) / 2), start * _CLOSE):.3g}",
    )


def _template() -> Template:
    texts, language = virtual_files.program_files("teaching/template"), present()
    return Template(texts.get(f"{language}/lesson.md", texts["lesson.md"]).decode())


def _text(value: float) -> str:
    """A number as it reads back to the same double."""
    return repr(value).removesuffix(".0")


def _most_telling(w: Array, x: Array) -> str:
    """Which of a, b and c makes the most of the parabola at the samples."""
    far = float(abs(x).max())
    parts = [abs(part) * far**power for part, power in zip(w.tolist(), (2, 1, 0), strict=True)]
    return PARAMETER_NAMES[parts.index(max(parts))]
