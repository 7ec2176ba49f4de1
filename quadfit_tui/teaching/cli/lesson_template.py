"""new_lesson: the text of a lesson to start from, for a teacher's own samples, with numbers computed by training."""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.presets import BARE, OWN_DATA, PRESETS
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.samples.reader import FileSamples
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.text.language import _, current_language
from quadfit_tui.teaching.judging.facts import format_value
from quadfit_tui.teaching.judging.tasks import format_rounded
from quadfit_tui.teaching.judging.trained_run import LessonRun
from quadfit_tui.teaching.notation.catalog import LessonError
from quadfit_tui.teaching.notation.reading.notation import LARGEST_LESSON

_TOO_FAST, _FAIR = 3.0, 0.5  # rates of the lesson, as multiples of the limit of the rate
_SLOW = 0.01  # slow rate, as a multiple of the rate that suits the samples


def new_lesson(id: str, samples: FileSamples | None = None, headings: Sequence[str] = ("x", "y")) -> str:
    """Returns the text of a lesson file to start from, on these samples or by default on those of a preset.

    It is in the language in use. `headings` are the names of the columns. Raises LessonError if there are more samples
    than a lesson file holds.
    """
    if samples is None:
        config, data = PRESETS[BARE], ""
    else:
        pairs = zip(map(_text, samples.x.tolist()), map(_text, samples.y.tolist()), strict=True)
        csv = "\n".join([",".join(headings), *map(",".join, pairs), ""])
        if len(csv) > LARGEST_LESSON // 2:
            most = len(samples.x) * LARGEST_LESSON // 2 // len(csv)
            template = _("has {n} samples; allowed in a lesson: about {most} of these")
            raise LessonError(template.format(n=len(samples.x), most=most))
        name = f"lesson:{id}/own"
        virtual_files.register_virtual(name, csv.encode())
        config, data = PRESETS[OWN_DATA].replace(data=name), f'[data.own]\ncsv = """\n{csv}"""\n\n'
    task = make_task(config)
    rate, bound = config.lr, limit(task).rate or config.lr
    slow = float(f"{rate * _SLOW:.2g}")
    end = LessonRun(config, (), lambda seconds: None).end  # noqa: ARG005
    best, goal = _first_update(config)
    letter = _most_telling(end.w, task.problem.x)
    return _template().substitute(
        id=id,
        title=id.replace("-", " ").capitalize(),
        data=data,
        begin=f'preset = "{BARE}"' if samples is None else 'data = "lesson:own"',
        rate=f"{rate:g}",
        fast=f"{bound * _TOO_FAST:.2g}",
        other=f"{bound * _FAIR:.2g}",
        half=f"{rate / 2:g}",
        slow=f"{slow:g}",
        count=len(task.problem.x),
        letter=letter,
        answer=format_value(float(end.w[PARAMETER_NAMES.index(letter)])),
        best=best,
        goal=goal,
    )


def _template() -> Template:
    """Returns the template of the lesson, in the language in use or else in English."""
    texts, language = virtual_files.program_files("teaching/template"), current_language()
    return Template(texts.get(f"{language}/lesson.md", texts["lesson.md"]).decode())


def _first_update(config: RunConfig) -> tuple[str, str]:
    """Returns the rate with which the first update lowers the mean loss most, and a mean loss half way down.

    The mean loss after the update is a quadratic function of the rate, so two rates suffice to find its minimum.
    """

    def after(rate: float) -> float:
        run = LessonRun(config.replace(lr=rate, epochs=1), (), lambda seconds: None)  # noqa: ARG005
        return run.end.mean_loss

    rate, start = config.lr, make_task(config).loss_at_start
    once, twice = after(rate) - start, after(2 * rate) - start
    bend = (twice - 2 * once) / 2
    best = f"{rate * (bend - once) / (2 * bend) if bend > 0 else rate:.2g}"
    lowest = after(float(best))
    goals = (format_rounded((lowest + start) / 2, digits) for digits in range(3, 18))
    return best, next((goal for goal in goals if lowest < float(goal) < start), f"{start:g}")


def _text(value: float) -> str:
    """Formats a number so that it parses back to the same double."""
    return repr(value).removesuffix(".0")


def _most_telling(w: Array, x: Array) -> str:
    """Returns which of a, b and c contributes most to the parabola at the sample that is farthest from 0."""
    largest = float(abs(x).max())
    parts = [abs(part) * largest**power for part, power in zip(w.tolist(), (2, 1, 0), strict=True)]
    return PARAMETER_NAMES[parts.index(max(parts))]
