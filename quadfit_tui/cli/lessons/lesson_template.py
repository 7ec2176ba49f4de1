"""new_lesson: the text of a lesson to begin with, whose questions fit samples of one's own: their rates and numbers are
worked out by training.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from quadfit_tui.core.config.presets import BARE, OWN_DATA, PRESETS
from quadfit_tui.core.diagnosis.stability import limit
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.judging.facts import shown
from quadfit_tui.core.judging.trained_run import TrainedRun
from quadfit_tui.core.lessons.catalog import LessonError
from quadfit_tui.core.lessons.reading.notation import LARGEST_LESSON
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.model.samples.reader import Samples
from quadfit_tui.core.model.task import make_task
from quadfit_tui.core.text.language import _, noted

_TOO_FAST, _FAIR = 3.0, 0.5  # of the limit
_SLOW = 0.01  # of the rate that suits the samples
_NEAR = 1.5  # times the mean loss at that rate: what a task asks for
_CLOSE = 1e-6  # of the mean loss at the start: near enough where there is nothing left
_TEXT = noted("""+++
# A lesson has two parts: between the lines +++ what it is about and its runs,
# below them its steps. What stands behind # here is for whoever writes it.
# All of the notation: quadfit-tui manual lesson-files
# What can be computed: quadfit-tui lessons facts $id.md
format = 1
id = "$id"  # answers are stored under it: keep it from now on
title = "$title"
minutes = 10
aim = "Predict what a learning rate does to these samples."
misconception = "A larger learning rate gets there sooner."
# Said at the end: two lines of up to 76 columns.
summary = [
  "Above a limit each update lands farther off than the one before.",
  "The limit belongs to the samples; here it is [?](=ours.limit).",
]
# What the program does not tell by itself before the step hold_until; also
# "optimum", "map" and "gradient".
hold = ["limit", "forecast", "remedy"]
hold_until = "why"

$data# The runs by name: each begins as a preset (quadfit-tui presets) or from
# another run above it, and sets any option of a run (quadfit-tui run --help).
[runs.ours]
$begin

[runs.fast]
from = "ours"
lr = $fast

[runs.other]
from = "ours"
lr = $other

[runs.slow]
from = "ours"
lr = $slow
+++

## The samples {#start .say run=ours at=start}
These are `$count` samples. The program fits a parabola a·x² + b·x + c to them by
gradient descent. Its learning rate is [$rate](=ours.lr).

## Draw it {#draw .draw run=ours}
What does the mean loss do from epoch to epoch? Draw what you expect.
- hint: Does it fall by the same amount each time?
- note: Nothing is graded; the run is drawn over it, and compared.

## What it found {#found .observe run=ours tol=digits:2 answer=$answer}
This is the run at a rate of [$rate](=ours.lr), at its end. What is $letter in [w](show:w)?
Two digits are enough.
- [x] $letter `ours.$letter`
  The parabola is a·x² + b·x + c, and $letter is [?](=ours.$letter).
- [ ] the other sign `-ours.$letter`
  Look at the sign once more.
- hint: a stands before x², b before x, and c alone.
- note: Say in the class's own words what $letter means for these samples.

## A larger rate {#larger .predict run=fast}
The learning rate is [$fast](=fast.lr) now. What does the run do?
- [x] it diverges `fast.status == "diverged"`
  Above a limit each update lands farther off than the one before. These samples
  have the limit [?](=fast.limit).
- [ ] it gets there sooner `fast.status != "diverged"`
  That is so up to a limit, which is [?](=fast.limit) for these samples. Above it each
  update lands farther off than the one before.
- hint: An update goes as far as the rate times the gradient. Can that be too far?
- note: Ask for a show of hands before anybody types.

## Another rate {#other .predict run=other transfer=yes}
And what does the run do at a learning rate of [$other](=other.lr)?
- [x] it does not diverge `other.status != "diverged"`
  The rate is below the limit of these samples, [?](=other.limit).
- [ ] it diverges, too `other.status == "diverged"`
  The limit belongs to the samples: it is [?](=other.limit) still, and this rate is below it.
- hint: Compare the rate with the limit of these samples, [?](=other.limit).
- note: The same idea with a new number: who guesses again has not used the limit.

## A rate of your own {#rate .do run=slow until="now.mean_loss < $goal" solution="lr:$rate" open=yes}
At a rate of [$slow](=slow.lr) this run is too slow. [Choose another rate](show:rate) and
[play the run](show:play), until its mean loss ends below `$goal`.
- hint: The rate has to be below the limit, [?](=slow.limit).
- note: Many rates do. Let students compare theirs.

## In your own words {#why .explain}
Somebody says: "A larger learning rate is faster." What do you answer?
- model: Up to a limit, which belongs to the samples. Above it each update lands farther
  off than the one before, and the run diverges.
- note: Look for both: that there is a limit, and what it belongs to.
""")


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
    return Template(_(_TEXT)).substitute(
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


def _text(value: float) -> str:
    """A number as it reads back to the same double."""
    return repr(value).removesuffix(".0")


def _most_telling(w: Array, x: Array) -> str:
    """Which of a, b and c makes the most of the parabola at the samples."""
    far = float(abs(x).max())
    parts = [abs(part) * far**power for part, power in zip(w.tolist(), (2, 1, 0), strict=True)]
    return PARAMETER_NAMES[parts.index(max(parts))]
