"""The page of the principle: what the program does and why, from the parabola to the stopping rule, as a document.

It follows the five steps of the article. The formulas are those of formulas.py and of the tables; the numbers
are worked out from runs of the presets, most from the article's own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.explain.formulas import FORMULAS, gradient_formula
from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.parabola import curvature
from quadfit_tui.core.model.problem import Problem, make_problem
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.session import Session
from quadfit_tui.core.session.verdict import verdict
from quadfit_tui.core.session.visit import trained
from quadfit_tui.core.text.document import DocumentRow, DocumentRows, DocumentSection
from quadfit_tui.core.text.numbers import counted, rounded_down, short
from quadfit_tui.core.text.quoting import enumerated
from quadfit_tui.core.text.sentences import capitalized
from quadfit_tui.core.text.width import left

TITLE = "The principle"


def page(readings: Mapping[str, str]) -> list[DocumentSection]:
    """The page of the principle; `readings` has, by the name of each view, how it is read."""
    problem = make_problem(PRESETS["article"])
    after = [
        _derivation(),
        _factor_2(),
        _batches(problem),
        _schedules(),
        _too_large(problem),
        _scaling(),
        _optimizers(),
        _stopping(problem),
        DocumentSection("How to read the views", tuple(f"{name}: {reading}" for name, reading in readings.items())),
    ]
    return [_beginning(problem, [section.title for section in after]), *_steps(), *after]


def _rows(name: str, *words: str) -> DocumentRows:
    """The formulas of that name, with words beside the first ones."""
    formulas = FORMULAS[name]
    return tuple(map(DocumentRow, formulas, (*words, *[""] * (len(formulas) - len(words)))))


def _beginning(problem: Problem, later: list[str]) -> DocumentSection:
    assert problem.truth is not None  # the article's samples are made
    a, b, c = problem.truth
    low, high = float(problem.x[0]), float(problem.x[-1])
    parabola = f"y = {_number(a)}·x² {_signed(b)}·x {_signed(c)}"
    made = f"{len(problem.x)} samples with x from {_number(low)} to {_number(high)} and {parabola}"
    return DocumentSection(
        "What is fitted",
        (
            "Given samples, points (x, y), we look for the parabola that passes as close to them as possible. Gradient "
            "descent finds it by small improvements: measure how wrong the current parabola is, work out how to make "
            "it less wrong, change it a little in that direction, and repeat.",
            "This program follows a Chinese blog article, “Gradient descent, simulated training, fitting a parabola, "
            f"least squares, MSE loss”. It has {made}. Training sees only the samples and has to find the "
            f"three numbers {enumerated([*map(_number, problem.truth)])}.",
            (
                DocumentRow("w", "the parameters (a, b, c): what is trained"),
                DocumentRow("batch", "the samples used in one update: one, some or all"),
                DocumentRow("update", "one change of w"),
                DocumentRow("epoch", "one pass through the samples; the first is epoch 0"),
                DocumentRow("loss", "how wrong w is on a batch, before its update"),
                DocumentRow("mean loss", "the same on all samples"),
                DocumentRow("optimum", "the w with the smallest mean loss possible"),
            ),
            "Words such as lr, batch and init are the names of form fields and command-line options.",
            f"First come the five steps of the article, then: {'; '.join(map(_lower, later))}.",
        ),
    )


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _signed(value: float) -> str:
    """A number behind a sign of arithmetic."""
    return f"{'−' if value < 0 else '+'} {abs(value):g}"


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


def _steps() -> list[DocumentSection]:
    return [
        DocumentSection(
            "Step 1: a model with parameters",
            (
                "The shape of the function is fixed in advance: a parabola. Only its parameters a, b and c are free. "
                "They start at given or random values (init).",
                _rows("model", "the model's prediction for x"),
            ),
        ),
        DocumentSection(
            "Step 2: samples go in",
            (
                "The model's prediction y_out differs from the y of the sample, which the article calls y_true. The "
                "difference is the residual:",
                _rows("residual", "positive where the curve is above the sample"),
            ),
        ),
        DocumentSection(
            "Step 3: one number for the error, and its derivatives",
            (
                "The residuals of a batch are squared, so that errors above and below count alike and large errors "
                "count most. The mean of the squares is the loss (mean squared error). The mean of n numbers is their "
                "sum divided by n; the mean of a single number is that number.",
                _rows("loss", "0 only if the curve passes through every sample"),
                "Through r, the loss depends on a, b and c. Its partial derivatives, the gradient, say how the loss "
                "changes when one of them changes. The article uses the following as its gradient g; they are derived "
                "below, as is the factor 2 that they leave out:",
                _rows("gradient"),
            ),
        ),
        DocumentSection(
            "Step 4: an update",
            (
                "If g_a is positive, a larger a would make the loss larger, so a has to become smaller; if g_a is "
                "negative, larger. The learning rate lr sets how far. The same goes for b and c; all three change at "
                'once. (The arrow ← means "becomes".)',
                _rows("descent"),
                (DocumentRow(OPTIMIZERS["sgd"].formulas[0], "the three in one: w = (a, b, c), g = (g_a, g_b, g_c)"),),
                "View 5, update, shows any update with all its numbers; 'quadfit-tui run --explain 0:1' prints the "
                "first one.",
            ),
        ),
        DocumentSection(
            "Step 5: repeat",
            (
                "Take the next batch and do steps 2 to 4 with the new w, and so on through all samples: that is an "
                "epoch. If the mean loss is then below tol, training ends. (You can choose which loss is compared: "
                "stop on.) Otherwise the next epoch begins, until all epochs are done.",
            ),
        ),
    ]


def _derivation() -> DocumentSection:
    return DocumentSection(
        "Where the three gradients come from",
        (
            "∂loss/∂a is the derivative of the loss with respect to a alone: b and c are treated as constants, like x "
            "and y. First for one sample, whose loss is r². Steps 1 and 2 in one line:",
            _rows("whole residual"),
            "Here a is multiplied by x², b by x and c by 1, and y contains none of them. Therefore:",
            _rows("by the parameters"),
            "The loss r² is the square of r, so the chain rule applies. The derivative of the square is 2·r, "
            "multiplied by the derivative of what is inside:",
            _rows("chain"),
            "The loss of a batch is the mean of its r². A mean is a sum of n terms divided by n, so its derivative is "
            "the mean of their derivatives; and the 2, which is the same in all of them, can be moved in front:",
            _rows("of the loss"),
            "The optimum is where all three, taken over all samples, are 0. There is no other minimum in which "
            "training could get stuck: r is linear in a, b and c, so the mean of r² is a bowl (or a valley with a "
            "level floor, if there are fewer than three different x). Its lowest point can also be computed directly "
            "by least squares; the program does so to know the target, but does not use it for training.",
        ),
    )


def _factor_2() -> DocumentSection:
    words = {"half": "as in the article", "full": "the exact derivative of the loss"}
    return DocumentSection(
        "Where the factor 2 went",
        (
            "The derivation ends with a 2 that the article's g does not have. That is not a mistake: its g is the "
            "exact derivative of half the loss.",
            _rows("of half the loss"),
            "Half the loss has the same minimum as the loss, and both gradients point the same way. Only their length "
            "differs, which the learning rate can compensate for. You can choose either (gradient):",
            tuple(DocumentRow(f"{name}: {gradient_formula(name)}", words.get(name, "")) for name in CONVENTIONS),
            "In plain descent and with momentum, half at lr makes exactly the same updates as full at lr / 2. So a "
            "rate means little without its convention; those of the article go with half. (adagrad, rmsprop and adam "
            "divide by the size of g, so the 2 hardly matters to them.) The loss shown is the mean of r² in both.",
        ),
    )


def _batches(problem: Problem) -> DocumentSection:
    count = len(problem.x)
    rows = []
    for name in ("article", "article-minibatch", "full-batch"):
        size = Task(PRESETS[name], problem).batch
        updates = count // size
        words = f"{counted(updates, 'update')} per epoch, as in the preset {name}"
        rows.append(DocumentRow(f"batch = {PRESETS[name].batch}", words))
    return DocumentSection(
        "Batches and epochs",
        (
            "You can choose how many samples an update uses (batch).",
            _rows("updates", "any remainder is dropped"),
            (*rows,),
            "The gradient of a batch is only an estimate of the gradient over all samples. It is cheaper, so there are "
            "more updates for the same work, but it points in a somewhat different direction. An update on one sample, "
            "if lr is not too large, lowers the loss of that sample; it may well raise the mean loss.",
            "Where no parabola passes through all samples, each batch has an optimum of its own. At a constant rate, w "
            "then does not come to rest at the optimum of all samples: in a fixed order it settles where the last "
            "batches of an epoch pull it, near the optimum or, at a high rate, far from it; in a new order every epoch "
            "it keeps moving. A schedule that lowers the rate cures both.",
            "Without shuffle, the samples come in the order of the data in every epoch; with shuffle, in a new random "
            "order, which the seed determines.",
        ),
    )


def _schedules() -> DocumentSection:
    config = PRESETS["article"]
    schedule = SCHEDULES[config.schedule]
    stretches, epoch = [], 0
    for _ in range(3):
        last = epoch + schedule.holds(config, epoch) - 1
        stretches.append(f"epochs {epoch} to {last} at {schedule.rate(config, epoch):g}")
        epoch = last + 1
    width = max(map(len, SCHEDULES))
    return DocumentSection(
        "The learning rate and its schedule",
        (
            "A large rate makes fast progress; late in a run, a small one keeps w from jumping around with every "
            "batch. So the rate can be lowered from epoch to epoch (schedule):",
            tuple(DocumentRow(name, row.words) for name, row in SCHEDULES.items()),
            'The rate lr of an epoch, computed from the initial rate lr0; ⌊ ⌋ means "rounded down".',
            tuple(DocumentRow(f"{left(name, width)}   lr = {row.formula}") for name, row in SCHEDULES.items()),
            f"The article's run has {', '.join(stretches)}, and so on.",
        ),
    )


def _too_large(problem: Problem) -> DocumentSection:
    config = PRESETS["article"]
    curvatures = np.linalg.eigvalsh(curvature(problem.x)).tolist()[::-1]
    limits = [rounded_down(2 / value) for value in curvatures]
    remains = [1 - config.lr * value for value in curvatures]
    farthest = float(problem.x[np.abs(problem.x).argmax()])
    bracket = farthest**4 + farthest**2 + 1
    return DocumentSection(
        "Why a learning rate can be too large",
        (
            "Take the simplest case: a and b are right, and only c is trained, on all samples. d is the distance of c "
            "from its best value. Then g_c is d itself, and each update multiplies d by the same number, 1 − lr:",
            _rows("of c alone", "the distance", "", "an update"),
            tuple(DocumentRow(f"lr = {rate:g}", _left(1 - rate)) for rate in (0.5, 1.0, 1.5, 2.0, 2.5)),
            "With three parameters the loss is a bowl that is steep in one direction and flat in another. There are "
            "three directions, at right angles to each other, along which descent on all samples behaves as above; "
            "each has a curvature λ of its own. (If you know matrices: the λ are the eigenvalues of the mean of f·fᵀ, "
            "where f is the column x², x, 1.)",
            _rows("along", "gets closer as long as lr is below 2 / λ"),
            "For the article's samples they are as follows; the last column is the fraction of the distance left after "
            f"one update at lr = {config.lr:g}.",
            tuple(
                DocumentRow(f"λ = {value:.4f}", f"lr below {left(held, 5)}  1 − {config.lr:g}·{value:.4f} = {rest:.4f}")
                for value, held, rest in zip(curvatures, limits, remains, strict=True)
            ),
            f"The steepest direction sets the limit: at lr = {limits[0]} descent on all samples still gets closer; "
            "above 2 / λ every update overshoots to a point farther away, until the numbers overflow: the run "
            "diverges. The flattest direction takes the longest. The steepest curvature divided by the flattest, here "
            f"{problem.condition:.4g}, is the condition number: the larger it is, the longer training takes even at "
            "the best rate. With gradient = full, all these limits are half as large.",
            "One sample at a time is a different matter: an update on a sample multiplies the residual of that sample.",
            _rows("of one sample"),
            f"The inner bracket is largest for the x farthest from 0, here {_number(farthest)}: {bracket:g}. So up to "
            f"lr = {rounded_down(2 / bracket)} no update makes the residual of its sample larger, and the run cannot "
            "diverge. Above that, some updates do, and others may compensate; whether an epoch gets closer then also "
            f"depends on the order of the samples. At lr = {PRESETS['too-fast'].lr:g} the article's run diverges: the "
            "preset too-fast.",
        ),
    )


def _left(factor: float) -> str:
    """What becomes of a distance that each update multiplies by this."""
    if factor == 0:
        return "there at once"
    size, side = abs(factor), "on the same side" if factor > 0 else "on the other side"
    if size == 1:
        return "as far away, on the other side: back and forth forever"
    return f"{size:g} of the distance, {side}" + (": farther away forever" if size > 1 else "")


def _scaling() -> DocumentSection:
    from quadfit_tui.core.diagnosis.stability import limit  # this page is seldom read

    names = "ill-conditioned", "ill-conditioned-scaled"
    config = PRESETS[names[0]]
    problem = make_problem(config)
    before, after = problem.condition, problem.standardized.condition
    held = [rounded_down(limit(Task(PRESETS[name], problem)).rate or 0.0) for name in names]
    return DocumentSection(
        "Scaled features",
        (
            "How steep and how flat the bowl is depends on the unit of x: x = 50 weighs 2500 times as much in g_a as "
            "in g_c, x = 0.02 hardly at all. With scale features, training uses z instead of x. μ is the mean of x and "
            "σ its standard deviation, so z has mean 0 and standard deviation 1 in any unit.",
            _rows("scaling", "steps 1 to 4 with z instead of x"),
            "A parabola in z is also a parabola in x, with other numbers. The a, b and c that are trained are those of "
            "z; those of x are computed from them:",
            _rows("in x"),
            "The best parabola is the same, and so is the mean loss of every parabola; but the bowl over a, b and c of "
            f"z has a different shape. With x from {_number(config.x_min)} to {_number(config.x_max)}, as in the "
            f"preset {names[0]}, the condition number is {before:.4g}, in z {after:.4g}; and descent on all samples "
            f"gets closer up to lr = {held[0]}, in z up to {held[1]} (the preset {names[1]}). So a rate belongs to its "
            "features, as it belongs to its convention.",
        ),
    )


def _optimizers() -> DocumentSection:
    blocks: list[str | DocumentRows] = []
    for name, row in OPTIMIZERS.items():
        remembered = f" It remembers {' and '.join(row.memory)}, starting at 0." if row.memory else ""
        blocks += [f"{name}: {row.idea}{remembered}", tuple(map(DocumentRow, row.formulas))]
    return DocumentSection(
        "Other ways to use the gradient",
        (
            "You can choose how an update uses the gradient (optimizer). Each parameter is treated separately: here w "
            "stands for a, b or c, and g for g_a, g_b or g_c; lr is the rate of the epoch.",
            *blocks,
        ),
    )


def _stopping(problem: Problem) -> DocumentSection:
    words = {
        "dataset": "the mean loss of all samples, at the end of the epoch",
        "last-update": "the loss of the last batch, before its update (the article)",
        "never": "none: all epochs are done",
    }
    printed = PRESETS["article-as-printed"]
    decimals = printed.round_epochs or 0
    return DocumentSection(
        "The trap of the stopping rule",
        (
            "After each epoch a loss is compared with tol. You can choose which one (stop on):",
            tuple(DocumentRow(name, words.get(name, rule.name)) for name, rule in STOP_RULES.items()),
            f"The loss of a single sample says little about the other {len(problem.x) - 1}. And in the article's order "
            "the last sample comes right after its neighbors, each of which has just pulled the curve toward itself: "
            "it may fit long before the others do. The article also rounds gradient, loss and w to "
            f"{decimals} decimals after each epoch (round epochs): a loss below {0.5 * 10**-decimals:g} becomes 0, "
            f"and 0 is below tol, {short(printed.tol)}. This is how that run ends (preset article-as-printed):",
            _ending("article-as-printed"),
            "And this is how the same training ends if the mean loss is compared, without rounding (preset article):",
            _ending("article"),
        ),
    )


def _ending(preset: str) -> str:
    """How a run ends, in the words of the program."""
    session = Session(PRESETS[preset], speed=None)
    session.play()
    for _ in trained(session):
        pass
    return capitalized(verdict(session.snapshot()))
