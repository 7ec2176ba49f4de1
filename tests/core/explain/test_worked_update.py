"""The worked update: every line of its text is read again, and worked out again."""

import math
import re

import numpy as np
import pytest
from tables import table

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.explain.markdown_update import markdown_update
from quadfit_tui.core.explain.worked_update import angle, work_out, worked_update
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.text.ascii import ascii_of

START = (-1, 10, 26)


def visit(config, epoch, update=None):
    """The session at an update: the last of an epoch, as a span gives it where there are any, or one within it."""
    session = RunSession(config, speed=None)
    per_epoch = session.snapshot().updates_per_epoch
    session.seek(epoch, update or per_epoch)
    while session.is_busy:
        session.advance(1)
    return session


def text_of(config, epoch, update=None):
    session = visit(config, epoch, update)
    snapshot = session.snapshot()
    return worked_update(snapshot.record), session


def joined(lines):
    """The equations of the text: a line that begins with blanks and = goes on with the one before."""
    found = []
    for line in lines:
        if line.lstrip().startswith("= ") and line.startswith(" "):
            found[-1] += " " + line.strip()
        else:
            found.append(line)
    return found


def evaluated(text):
    """The value of arithmetic as it is written, and its size without any cancelling."""
    python = text.replace("×", "*").replace("−", "-").replace("²", "**2").replace("^", "**").replace("½", "0.5")
    python = re.sub(r"√([^ ]+)", r"sqrt(\1)", python).replace("⌊", "floor(").replace("⌋", ")").replace("π", "pi")
    assert re.fullmatch(r"(?:[-+*/()\d.e ]|sqrt|floor|cos|pi)*", python), text
    value = eval(python, dict(vars(math)))
    without = re.sub(r"\(1 - [^)]*\)", lambda found: repr(eval(found[0])), python)
    size = eval(re.sub(r"(?<!e)-", "+", without), dict(vars(math)))
    return value, max(abs(size), abs(value))


def equations(lines, tolerance=2e-5):
    """name -> value, once every equation among the lines has been worked out; a bare word is no arithmetic."""
    values = {}
    for line in joined(lines):
        name, *sides = line.split(" = ")
        if not sides or not re.fullmatch(r"[a-z_'·²]+", name):
            continue
        numbers = [evaluated(side) for side in sides if not re.search(r"mean of|·|\br|(?!cos)[a-z]{3}", side)]
        # 12 characters hold at least six digits, and five of a number that takes three for its exponent.
        for value, size in numbers:
            assert value == pytest.approx(numbers[-1][0], abs=tolerance * size), line
        values[name] = numbers[-1][0]
    return values


def numbers_in(text):
    return [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", text)]


def line_with(lines, start):
    return next(line.removeprefix(start) for line in lines if line.startswith(start))


OPTIMIZERS = [
    {},
    {"optimizer": "momentum", "momentum": 0.7, "lr": 0.1},
    {"optimizer": "momentum", "momentum": 0.0, "lr": 0.1},
    {"optimizer": "nesterov", "momentum": 0.6, "lr": 0.05},
    {"optimizer": "adagrad", "lr": 2.0},
    {"optimizer": "rmsprop", "lr": 1.0, "rho": 0.8},
    {"optimizer": "adam", "lr": 1.0, "beta1": 0.85, "beta2": 0.95},
]


@table(
    ("update", "scaled", "convention"),
    [(None, False, "half"), (2, False, "full"), (None, True, "full"), (2, True, "half")],
)
@table("batch", [1, 16, "full"])
@table("changes", OPTIMIZERS, ids=lambda row: row.get("optimizer", "sgd"))
def test_every_line_can_be_worked_out_again(plain, changes, batch, convention, update, scaled):
    config = RunConfig(samples=80, noise=0.3, init=START, batch=batch, gradient=convention, stop_on="never")
    config = config.replace(**{"lr": 0.3, **changes})
    if scaled:
        config = config.replace(scale_features=True, x_min=1, x_max=4, lr=config.lr / 6)
    update = None if batch == "full" else update
    lines, session = text_of(config, 3, update)
    snapshot = session.snapshot()
    record, problem = snapshot.record, snapshot.problem
    inputs, feature = (problem.x, "x") if not scaled else (standardized(problem.x), "z")
    assert max(map(len, lines)) <= 78
    values = equations(lines)
    assert f"  y_out = a·{feature}² + b·{feature} + c" in lines
    if scaled:
        assert_in_both(lines, record, problem.x)

    # What the text begins with, and what it ends with, are the record's.
    assert numbers_in(line_with(lines, "w before: ")) == pytest.approx(record.before.tolist(), rel=1e-5)
    assert [values[f"g_{name}"] for name in "abc"] == pytest.approx(record.gradient.tolist(), rel=1e-5, abs=1e-9)
    assert [values[name] for name in "abc"] == pytest.approx(record.trained_w.tolist(), rel=1e-5)
    assert values["lr"] == pytest.approx(record.lr, rel=1e-7)

    # The samples' part, by plain arithmetic on the samples of this update.
    size = len(problem.x) if batch == "full" else batch
    low = (record.update - 1) * size
    xs, ys = inputs[low : low + size].tolist(), problem.y[low : low + size].tolist()
    loss, gradient, _ = plain.update(record.before.tolist(), xs, ys, record.lr, convention)
    assert values["loss"] == pytest.approx(loss, rel=1e-5)
    assert [values[f"g_{name}"] for name in "abc"] == pytest.approx(gradient, rel=1e-5, abs=1e-9)
    a, b, c = record.before.tolist()
    if size == 1:
        assert numbers_in(line_with(lines, "sample: ")) == pytest.approx([problem.x[low], ys[0]], rel=1e-5)
        assert not scaled or values["z"] == pytest.approx(xs[0], rel=1e-5)
        assert values["y_out"] == pytest.approx(a * xs[0] ** 2 + b * xs[0] + c, rel=1e-5)
        assert values["r"] == pytest.approx(values["y_out"] - ys[0], abs=1e-5 * abs(values["y_out"]))
    else:
        head = next(at for at, line in enumerate(lines) if line.split()[:2] == [feature, "y"])
        rows = [numbers_in(line) for line in lines[head + 1 : head + 5]]
        for x, y, row in zip(xs, ys, rows, strict=False):
            r = a * x * x + b * x + c - y
            assert row == pytest.approx([x, y, r + y, r, r * x * x, r * x], rel=1e-5, abs=1e-8)
        assert f"and {size - 4} more" in lines[head + 5]

    # The optimizer's memory: what the next update will begin with.
    kept = {"momentum": "v", "nesterov": "v", "adagrad": "s", "rmsprop": "s", "adam": "ms"}.get(config.optimizer, "")
    after = [[values[f"{letter}_{name}"] for letter in kept] for name in "abc"]
    slots = session.timeline.trainer.slots
    for found, true in zip(after, slots, strict=True):
        assert found == pytest.approx(list(true), rel=1e-5, abs=1e-9)

    assert numbers_in(line_with(lines, "w after: ")) == pytest.approx(record.trained_w.tolist(), rel=1e-5)

    # The whole data set.
    everything = inputs.tolist(), problem.y.tolist()
    said = numbers_in(next(line for line in lines if line.startswith("mean loss of all ")))
    losses = [plain.loss(w.tolist(), *everything) for w in (record.before, record.trained_w)]
    assert said == [80, *(pytest.approx(value, rel=1e-5) for value in losses)]
    if size < 80:
        whole = plain.update(record.before.tolist(), *everything, record.lr, convention)[1]
        batch = "g of the sample" if size == 1 else "g of the batch "
        assert numbers_in(line_with(lines, batch)) == pytest.approx(gradient, rel=1e-5, abs=1e-9)
        assert numbers_in(line_with(lines, "g of all samples")) == pytest.approx(whole, rel=1e-5, abs=1e-9)
        cosine = np.dot(whole, gradient) / np.linalg.norm(whole) / np.linalg.norm(gradient)
        (degrees,) = numbers_in(line_with(lines, "the angle between them is "))
        assert degrees == pytest.approx(math.degrees(math.acos(cosine)), abs=0.006)
    else:
        kind = "half the gradient" if convention == "half" else "the gradient"
        assert any(line.startswith(f"g is {kind} of the loss of all samples") for line in lines)


def standardized(x):
    mean = math.fsum(x) / len(x)
    return (x - mean) / math.sqrt(math.fsum((x - mean) ** 2) / len(x))


def assert_in_both(lines, record, x):
    """How z is made of x, and the new w in both coordinates: parabolas that come to the same at every x."""
    deviations = "z = (x − μ) / σ replaces x; here a, b, c are those of z"
    at = lines.index(f"  {deviations}")
    mean, deviation = numbers_in(lines[at + 1])
    assert (mean, deviation) == (pytest.approx(np.mean(x)), pytest.approx(np.std(x)))
    in_z, in_x = numbers_in(line_with(lines, "w after: ")), numbers_in(line_with(lines, "             = "))
    assert in_z == pytest.approx(record.trained_w.tolist(), rel=1e-5)
    assert in_x == pytest.approx(record.w.tolist(), rel=1e-5)
    assert np.polyval(in_x, x) == pytest.approx(np.polyval(in_z, standardized(x)), rel=1e-5, abs=1e-4)
    formula = line_with(lines, "the same in x: ").strip("()").replace("·", "*").replace("²", "**2").replace("−", "-")
    names = {**dict(zip("abc", in_z, strict=True)), "μ": mean, "σ": deviation}
    assert [eval(part, names) for part in formula.split(", ")] == pytest.approx(in_x, rel=1e-5, abs=1e-3)


def test_scaled_update_is_rounded_in_z():
    config = RunConfig(samples=20, init=START, lr=0.05, round_epochs=1, scale_features=True)
    lines, session = text_of(config, 2)
    snapshot = session.snapshot()
    assert numbers_in(line_with(lines, "rounded to 1 decimal: ")) == snapshot.trained_w.tolist()
    assert [round(value, 1) for value in snapshot.trained_w.tolist()] == snapshot.trained_w.tolist()
    assert numbers_in(line_with(lines, "             = ")) == pytest.approx(snapshot.w.tolist())


@pytest.mark.parametrize("batch", [1, 4])
def test_shuffled_scaled_samples_in_both_coordinates(batch):
    config = RunConfig(samples=20, init=START, lr=0.05, batch=batch, shuffle=True, scale_features=True)
    lines, session = text_of(config, 1, 2)
    update = work_out(session.snapshot().record)
    assert update.x == pytest.approx(
        standardized(session.snapshot().problem.x)[
            [session.snapshot().problem.x.tolist().index(x) for x in update.x_as_given.tolist()]
        ]
    )
    assert equations(lines)


@pytest.mark.parametrize(("convention", "says"), [("half", "half the loss's gradient"), ("full", "the exact gradient")])
def test_convention_of_the_gradient_is_said(convention, says):
    lines, _ = text_of(RunConfig(samples=8, init=START, gradient=convention), 0)
    assert any(says in line and f"gradient = {convention}" in line for line in lines)


def test_article_figures_of_first_epoch():
    lines, session = text_of(RunConfig(stop_on="last-update", round_epochs=2), 0)
    values = equations(lines)
    assert [round(values[name], 2) for name in ("g_a", "g_b", "g_c")] == [1.28, 1.28, 1.29]
    assert round(values["loss"], 2) == 1.65
    # The update itself is not rounded; w is, once it is done.
    assert [values[name] for name in "abc"] != session.snapshot().w.tolist()
    assert numbers_in(line_with(lines, "rounded to 2 decimals: ")) == [1177.0, -1583.33, 408.62]
    assert lines[0] == "Epoch 0, update 800 of 800 (update 800 of the run)"
    assert lines[1] == "sgd on sample 800 of 800"


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_optimizer_arithmetic_precedes_rounding(optimizer):
    config = RunConfig(samples=20, init=START, optimizer=optimizer, lr=0.1, round_epochs=1)
    lines, session = text_of(config, 2)
    values, w = equations(lines), session.snapshot().w.tolist()
    assert [values[name] for name in "abc"] != w
    assert [round(values[name], 1) for name in "abc"] == w == numbers_in(line_with(lines, "rounded to 1 decimal: "))


def test_shuffled_samples_have_no_number():
    lines, session = text_of(RunConfig(samples=20, init=START, batch=4, shuffle=True), 1, 2)
    assert lines[1] == "sgd on 4 samples of 20, in a new order"
    assert equations(lines)
    assert work_out(session.snapshot().record).first is None


def test_span_update_equals_single_update():
    config = RunConfig(samples=40, init=START, optimizer="nesterov", momentum=0.5, lr=0.05, stop_on="never")
    in_span, session = text_of(config, 5)
    session.back(Unit.UPDATE)
    while session.is_busy:
        session.advance(1)
    trainer = session.timeline.trainer
    by_itself = worked_update(trainer.advance(1))
    for one, other in zip(in_span, by_itself, strict=True):
        assert numbers_in(one) == pytest.approx(numbers_in(other), rel=1e-6, abs=1e-8)


def test_diverging_run_is_worked_out():
    session = visit(RunConfig(lr=30.0, batch="full", schedule="constant"), 99)
    record = session.snapshot().record
    lines = worked_update(record)
    assert max(map(len, lines)) <= 78
    assert equations(lines, 1e-4)["a"] == pytest.approx(record.w[0], rel=1e-4)


@table("changes", OPTIMIZERS, ids=lambda row: row.get("optimizer", "sgd"))
def test_ascii_lines_say_the_same_in_ascii(changes):
    config = RunConfig(samples=80, init=START, batch=16, schedule="cosine", epsilon=1.2345678e-5).replace(**changes)
    lines, _ = text_of(config, 7, 3)
    plain = [ascii_of(line) for line in lines]
    assert all(line.isascii() and "#" not in line and len(line) <= 78 for line in plain)
    assert [numbers_in(line.replace("^2", "")) for line in plain] == [
        numbers_in(line.replace("²", "").replace("√", " ").replace("½", "1/2")) for line in lines
    ]


@table(
    ("u", "v", "degrees"),
    [
        ((1, 0, 0), (0, 2, 0), 90),
        ((1, 1, 0), (1, 0, 0), 45),
        ((1, 2, 3), (-2, -4, -6), 180),
        ((1e200, 0, 0), (1e200, 1e200, 0), 45),
        ((1e-200, 0, 0), (1e-200, 0, 0), 0),
        ((1, 0, 0), (1, 1e-9, 0), math.degrees(1e-9)),
        ((0, 0, 0), (1, 0, 0), None),
        ((math.inf, 0, 0), (1, 0, 0), None),
        ((1, math.nan, 0), (1, 0, 0), None),
    ],
)
def test_angle(u, v, degrees):
    found = angle(np.array(u, dtype=float), np.array(v, dtype=float))
    assert found == (None if degrees is None else pytest.approx(degrees, rel=1e-6, abs=1e-12))


@pytest.mark.parametrize("convention", ["half", "full"])
def test_whole_gradient_of_many_samples(convention):
    config = RunConfig(samples=20_000, noise=0.3, batch=16, gradient=convention, init=START)
    session = visit(config, 0, 3)
    snapshot = session.snapshot()
    update = work_out(snapshot.record)
    r = np.polyval(update.record.before, snapshot.problem.x) - snapshot.problem.y
    factor = {"half": 1, "full": 2}[convention]
    expected = [factor * math.fsum(r * snapshot.problem.x**power) / 20_000 for power in (2, 1, 0)]
    assert update.whole_gradient == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("1 1\n1 2\n1 3\n", ["μ = 1, the mean of x", "σ = 1 in place of its standard deviation, which is 0"]),
        ("-1 1\n1 2\n", ["μ = 0, the mean of x; σ = 1, its standard deviation"]),
    ],
)
def test_scaling_of_equal_x_is_explained(tmp_path, rows, says):
    (tmp_path / "own.txt").write_text(rows)
    session = visit(RunConfig(data=str(tmp_path / "own.txt"), lr=0.1, scale_features=True, epochs=2), 1)
    record = session.snapshot().record
    lines = [line.strip() for line in worked_update(record)]
    at = next(number for number, line in enumerate(lines) if line.startswith("μ = "))
    assert lines[at : at + len(says)] == says
    assert any(r"$\sigma = 1$" in line for line in markdown_update(record))


@table("schedule", ["halve", "constant", "exponential", "cosine", "inverse-time"])
def test_rate_is_worked_out_by_its_schedule(schedule):
    config = RunConfig(samples=8, init=START, schedule=schedule, lr=0.3, decay_every=3, epochs=20)
    config = config if "decay_every" not in config.unused else config.replace(decay_every=10)
    lines, session = text_of(config, 7)
    assert equations(lines)["lr"] == pytest.approx(session.snapshot().record.lr, rel=1e-7)


def test_shuffled_run_at_rest_has_samples(plain):
    config = RunConfig(samples=400, noise=0.3, init=START, batch=4, shuffle=True, epochs=40, stop_on="never")
    session, orders = visit(config, 40), np.random.default_rng([config.seed, 2])
    problem = session.snapshot().problem
    batches = [plain.batches(config, problem.x.tolist(), problem.y.tolist(), orders) for _ in range(40)]
    for point, (epoch, update) in (((7, 3),) * 2, ((39, 99),) * 2, ((20, 0), (19, 100)), ((40, 0), (39, 100))):
        session.seek(*point)
        while session.is_busy:
            session.advance(0)
        record = session.snapshot().record
        assert (record.epoch, record.update) == (epoch, update)
        lines = worked_update(record)
        head = next(at for at, line in enumerate(lines) if line.split()[:2] == ["x", "y"])
        for line, sample in zip(lines[head + 1 : head + 5], zip(*batches[epoch][update - 1], strict=True), strict=True):
            assert numbers_in(line)[:2] == pytest.approx(list(sample), rel=1e-5)
        assert equations(lines)["loss"] == pytest.approx(record.loss, rel=1e-5)


@table("ends", [(4.55e5, 5.06e5), (0, 3.5e5), (-1e4, 1e4)])
@table("scaled", [False, True])
def test_gradient_of_large_x_matches_residuals(ends, scaled):
    """A span has it from sums over all samples, which tell the same but for the rounding of the residuals."""
    lr = 0.1 if scaled else 0.5 / max(map(abs, ends)) ** 4
    config = RunConfig(x_min=ends[0], x_max=ends[1], samples=4, noise=0.5, init=(2, -4, 3), batch="full", lr=lr)
    config = config.replace(scale_features=scaled, schedule="constant", stop_on="never")
    lines, session = text_of(config, 40)
    update = work_out(session.snapshot().record)
    a, b, c = update.record.before.tolist()
    xs = update.x.tolist()
    residuals = [(a * x + b) * x + c - y for x, y in zip(xs, update.y.tolist(), strict=True)]
    assert update.residuals.tolist() == residuals
    assert update.loss == pytest.approx(math.fsum(r * r for r in residuals) / 4, rel=1e-12)
    for power, found in zip((2, 1, 0), update.gradient.tolist(), strict=True):
        terms = [r * x**power / 4 for r, x in zip(residuals, xs, strict=True)]
        assert found == pytest.approx(math.fsum(terms), abs=1e-14 * sum(map(abs, terms)))
    assert equations(lines)


def test_rounding_difference_to_run_is_shown():
    # Many epochs at once are added up in another way: of a b that tends to 0 every digit of what is left is rounding.
    config = RunConfig(
        true=(0, 0, 0), samples=11, x_min=-0.67, x_max=0.265, lr=0.792, schedule="constant", batch="full"
    )
    lines, session = text_of(config.replace(scale_features=True, epochs=198, stop_on="never"), 150)
    values = equations(lines, 1e-9)
    told = numbers_in(line_with(lines, "w after: "))
    assert [values[name] for name in "abc"] == told
    has = session.snapshot().trained_w.tolist()
    assert told != pytest.approx(has, rel=1e-9, abs=0)
    assert numbers_in(line_with(lines, "as the run adds it up: ")) == pytest.approx(has, rel=1e-9, abs=0)
