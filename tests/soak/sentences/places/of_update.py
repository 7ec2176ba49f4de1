"""The worked update: its arithmetic, read again in intervals, and its numbers beside those of many digits."""

import math
import re
from decimal import Decimal

import numpy as np
from soak.sentences.exact import decimals
from soak.sentences.places.arithmetic import evaluated, may_be
from soak.sentences.rules import Finding, Table
from soak.sentences.told import Falsehood, Unjudged, expect, expect_near, number, unit

UPDATE = Table("update")
ONE = re.compile(r"(?!)")
_NAMES = re.compile(r"(?:[a-z_'·²]+|loss = r²|[a-z_]+ = [0-9·]*(?:mean of )?[r²·a-z]+|loss = mean of r²) = ")


def joined(lines):
    """The equations of the text: a line that begins with blanks and = goes on with the one before."""
    found = []
    for line in lines:
        if line.lstrip().startswith("= ") and line.startswith(" "):
            found[-1] += " " + line.strip()
        else:
            found.append(line)
    return found


LEAST = Decimal("5e-324")  # what is less is 0 in doubles


def read_update(lines, moment, true):
    """The findings about the lines of a worked update; `true` is the update in many digits."""
    for line in joined(lines):
        text = " ".join(line.split())
        if not text or text in ("Gradient", "Gradient of all samples", "Update", "Result"):
            continue
        if text == "Formulas":
            return  # which have no numbers of the update
        if _NAMES.match(text) and "w before" not in text:
            yield _equation(text, true)
            continue
        yield from UPDATE.read(text, (moment, true), ONE)


def _equation(text, true):
    """What comes of an equation: its arithmetic in intervals, and its value beside that of many digits."""
    name = text.split(" = ")[0]
    kind = re.sub(r"_[abc]$", "_?", name)
    sides = [side for side in text.split(" = ")[1:] if not re.search(r"mean of|·|\br\b|r²|⌊.*[a-z]{3}", side)]
    verdict, why = "true", ""
    try:
        value = sides[-1]
        for side in sides[:-1]:
            found, told = evaluated(side), may_be(value)
            room = unit(value, 10) + max(abs(found.low), abs(found.high)) * Decimal("1e-15") + _size(side) + LEAST
            so = found.low - room <= told.high and told.low <= found.high + room
            expect(so, f"{side} is {found.low:.12g} to {found.high:.12g}")
        known = true.values.get(name)
        if known is not None:
            expect_near(value, known[0], 10, known[1], name)
    except Falsehood as false:
        verdict, why = "false", str(false)
    except Unjudged as unjudged:
        verdict, why = "unjudged", str(unjudged)
    return Finding("update", kind, text, verdict, why)


def _size(side):
    """What doubles may be off by in a sum of numbers of the size of these."""
    numbers = re.findall(r"(?<![\w^])\d+(?:\.\d+)?(?:e[-+]\d+)?", side)
    return sum((abs(number(each)) for each in numbers if " × " not in side), Decimal(0)) * Decimal("1e-15")


def _near_all(told, values, lost, digits=10):
    for name, value, room in zip("abc", values, lost, strict=True):
        expect_near(told[name], value, digits, room, name)


@UPDATE.says(
    "Epoch {epoch}, update {update} of {updates} (update {number} of the run)",
    "Epoch {epoch}, its only update (update {number} of the run)",
)
def _(both, epoch, number, update="1", updates="1"):
    moment, true = both
    per_epoch = moment.task.updates_per_epoch
    expect((int(epoch), int(update)) == (true.record.epoch, true.record.update), "it is another")
    expect(int(updates) == per_epoch, f"there are {per_epoch}")
    expect(int(number) == true.record.epoch * per_epoch + true.record.update, "it is another of the run")


SAMPLES = (
    "{samples:all [0-9]+ samples|the single sample|[0-9]+ samples? of [0-9]+, in a new order|"
    "samples [0-9]+ to [0-9]+ of [0-9]+|sample [0-9]+ of [0-9]+}"
)


@UPDATE.says(f"{{optimizer:[a-z]+}} on {SAMPLES}")
def expect_samples(both, optimizer, samples):
    moment, true = both
    task = moment.task
    size, count, first = task.batch, len(task.problem.x), true.low + 1
    expect(optimizer == moment.config.optimizer, f"it is {moment.config.optimizer}")
    if size == count:
        right = f"all {count} samples" if count > 1 else "the single sample"
    elif moment.config.shuffle:
        right = f"{size} sample{'s' * (size > 1)} of {count}, in a new order"
    else:
        right = f"samples {first} to {first + size - 1} of {count}" if size > 1 else f"sample {first} of {count}"
        x = task.problem.x[true.low : true.low + size]
        expect(np.array_equal(true.record.batch[0], x), "it took others")
    expect(samples == right, f"it is {right}")


@UPDATE.says("w {when:before|after}: a = {a}, b = {b}, c = {c}")
def _(both, when, a, b, c):
    _, true = both
    told = {"a": a, "b": b, "c": c}
    if when == "before":
        _near_all(told, true.w, [0] * 3)
    else:
        _near_all(told, true.after, true.after_lost)


@UPDATE.says("rounded to {decimals} decimal(s): a = {a}, b = {b}, c = {c}")
def _(both, decimals, a, b, c):
    moment, true = both
    places = Decimal(1).scaleb(-moment.config.round_epochs)
    expect(int(decimals) == moment.config.round_epochs, f"to {moment.config.round_epochs}")
    for name, told, value, lost in zip("abc", (a, b, c), true.after, true.after_lost, strict=True):
        expect_near(told, value, 10, places * Decimal("0.500001") + lost, name)
        if abs(value) < 10**9 * places:
            expect(number(told) % places == 0, f"{name} has more decimals")


@UPDATE.says("as the run adds it up: a = {a}, b = {b}, c = {c}")
def _(both, **told):
    _, true = both
    has = true.record.trained_w.tolist()
    _near_all(told, has, [0] * 3)
    for value, exact, lost in zip(has, true.after, true.after_lost, strict=True):
        expect(abs(Decimal(value) - exact) <= 64 * lost, "it is far from what the numbers give")


@UPDATE.says("sample: x = {x}, y = {y}")
def _(both, x, y):
    _, true = both
    expect_near(x, true.record.batch[0][0], 10, what="x")
    expect_near(y, true.record.batch[1][0], 10, what="y")


@UPDATE.says("the batch contains all samples, so g is the gradient of the whole data set")
def _(both):
    expect(both[0].task.is_full_batch, "it does not")


@UPDATE.says("the angle between them is {angle}°")
def _(both, angle):
    expect_angle(both, angle, Decimal("0.005"))


def expect_angle(both, told, room):
    """That it is the one between the gradients of the batch and of all samples, by the sine and the cosine."""
    moment, true = both
    g, whole = true.gradient, moment.exact.gradient(true.w)
    lost = float(
        sum(true.gradient_lost) / max(map(abs, g)) + sum(moment.exact.gradient_lost(true.w)) / max(map(abs, whole))
    )
    if lost > 1e-6:
        raise Unjudged("rounding has a say in it")
    crossed = [g[1] * whole[2] - g[2] * whole[1], g[2] * whole[0] - g[0] * whole[2], g[0] * whole[1] - g[1] * whole[0]]
    scale = max(map(abs, g)) * max(map(abs, whole))
    found = math.degrees(
        math.atan2(float(sum(each * each for each in crossed).sqrt() / scale), float(g @ whole / scale))
    )
    expect(abs(float(told) - found) <= float(room) + 120 * lost + 1e-12, f"it is {found:.6f}")


@UPDATE.says("… and {more} more")
def _(both, more):
    expect(int(more) == both[0].task.batch - 4, f"there are {both[0].task.batch}")


@UPDATE.says("{x:[xz]} y y_out r r·{x}² r·{x}", "g_a g_b g_c")
def _(both, x=None):
    """The headings of the tables."""
    moment, _ = both
    expect(x is None or (x == "z") == moment.config.scale_features, "the features are scaled, or not")


@UPDATE.says("{x} {y} {y_out} {r} {by_a} {by_b}")
def _(both, **told):
    """A row of the table of a batch: the numbers of one of its first samples."""
    moment, true = both
    at = moment.memory["row"] = moment.memory.get("row", -1) + 1
    x, y, r = true.x[at], true.y[at], true.r[at]
    lost = Decimal("2e-15") * (abs(true.y_out[at]) + abs(y) + sum(abs(each) for each in true.w) * (1 + x * x))
    values = (x, y, true.y_out[at], r, r * x * x, r * x)
    rooms = (0, 0, lost, lost, lost * x * x, lost * abs(x))
    for (name, text), value, room in zip(told.items(), values, rooms, strict=True):
        expect_near(text, value, 5, room + abs(value) * Decimal("1e-15"), name)


@UPDATE.says("g of {whose:the sample|the batch|all samples} {a} {b} {c}")
def _(both, whose, **told):
    moment, true = both
    if whose == "all samples":
        _near_all(told, moment.exact.gradient(true.w), moment.exact.gradient_lost(true.w), 5)
    else:
        expect((whose == "the sample") == (moment.task.batch == 1), "it is one, or several")
        _near_all(told, true.gradient, true.gradient_lost, 5)


@UPDATE.says("the same in x: (a/σ², b/σ − 2·a·μ/σ², c − b·μ/σ + a·μ²/σ²) = ({a}, {b}, {c})")
def _(both, **told):
    moment, true = both
    mean, deviation = map(Decimal, moment.task.scale)
    a, b, c = decimals(true.record.trained_w)
    parts = ((a / deviation**2,), (b / deviation, -2 * a * mean / deviation**2))
    parts += ((c, -b * mean / deviation, a * mean**2 / deviation**2),)
    lost = [Decimal("2e-15") * sum(map(abs, each)) for each in parts]
    _near_all(told, [sum(each) for each in parts], lost)


@UPDATE.says(
    "mean loss of all {count} samples: {before} before, {after} after",
    "loss of the single sample: {before} before, {after} after",
)
def _(both, before, after, count="1"):
    moment, true = both
    expect(int(count) == len(moment.task.problem.x), "there are others")
    expect_losses(moment, true, before, after, 10)


def expect_losses(moment, true, before, after, digits):
    for told, w in ((before, true.record.before), (after, true.record.trained_w)):
        if told is not None:
            expect_near(told, moment.exact.mean_loss(w), digits, moment.truth.slack(w), "a mean loss")
