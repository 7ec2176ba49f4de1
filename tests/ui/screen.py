"""What is on the screen, as text, and whether that is what a Model says."""

import re

from oracle import rate_of

from quadfit_tui.ui.form.form import Form
from quadfit_tui.ui.form.form_field import NAME_WIDTH, Field
from quadfit_tui.ui.widgets.header import Header
from quadfit_tui.ui.widgets.log import EMPTY, LogLines
from quadfit_tui.ui.widgets.scrubber import ScrubBar, Scrubber

_TITLES = {"help": "Help", "runs": "Runs", "twin": "Twin run", "diagnosis": "Diagnosis", "principle": "The principle"}


def written(point):
    """The moment's name: what was done last."""
    epoch, update = point
    return f"{epoch}:{update}" if update else str(epoch - 1) if epoch else "start"


def worded(point):
    return f"epoch {written(point)}" if any(point) else "the start"


def point_of(label):
    """The point of a line of the log: `12` is the end of epoch 12, `12:3` an update in it."""
    epoch, colon, update = label.partition(":")
    return (int(epoch), int(update)) if colon else (int(epoch) + 1, 0)


class Screen:
    """The rows of the screen at a moment."""

    def __init__(self, app):
        self.app = app
        self.rows = [strip.text for strip in app.screen._compositor.render_strips()]

    def of(self, region):
        """The rows of a region, as far as they are on the screen."""
        region = region.intersection(self.app.screen.region)
        return [row[region.x : region.right] for row in self.rows[region.y : region.bottom]]

    def content(self, widget):
        widget = self.app.query_one(widget) if isinstance(widget, type) else widget
        region = widget.content_region.intersection(self.app.screen.region)
        if not (region.area and widget.is_on_screen and widget.display):
            return []
        on_top, _ = self.app.screen.get_widget_at(*region.offset)
        return self.of(region) if widget in on_top.ancestors_with_self else []


def tells(text, value, slack=0.0):
    """Whether a number on the screen is `value`, to as many digits as it has there."""
    if value is None or value == float("inf"):
        return text == ("–" if value is None else "inf")
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    unit = 10.0 ** (int(exponent or 0) - decimals)
    return abs(float(text) - value) <= 0.51 * unit + slack + 1e-8 * abs(value)


def check_header(seen, model):
    """State, epoch, update, rate and speed; w and losses; where in the past one is."""
    rows, run = seen.content(Header), model.run
    if not rows or len(rows[0]) < 57:  # narrower windows leave out other parts
        return
    first = re.match(
        r" (\w+)   *(\d+) of (\d+) epochs done(?:  update (\d+) of (\d+))?(?: +lr (\S+))?(?:  +(\S.*?))? *$", rows[0]
    )
    assert first, rows[0]
    state, epoch, epochs, update, updates, lr, speed = first.groups()
    oracle = run.oracle
    misled = model.status == "converged" and not oracle.mean_loss(run.point) < run.config.tol
    assert state == ("STOPPED" if misled else model.status.upper()), rows[0]
    assert (int(epoch), int(epochs)) == (run.point[0], run.config.epochs), rows[0]
    assert update is None or (int(update), int(updates)) == (run.point[1], oracle.per_epoch), rows[0]
    assert lr is None or tells(lr, model.lr), (rows[0], model.lr)
    units = f"max {model.unit}s/s" if model.speed is None else f"{model.speed} {model.unit}"
    assert speed is not None, rows[0]
    assert speed.startswith(units), rows[0]
    if len(rows[0]) >= 110:
        assert lr is not None, rows[0]
        assert not run.point[1] or update is not None, rows[0]
    if len(rows) > 1 and len(rows[1]) >= 76:
        check_numbers(rows[1], run)
    if len(rows) > 2 and len(rows[2]) >= 76 and run.point != run.newest and not model.ended:
        visiting = f"viewing {worded(run.point)}, latest {written(run.newest)}"
        where = f"replaying up to {worded(run.newest)} " if model.plays else visiting
        assert where in rows[2], rows[2]


def check_numbers(row, run):
    oracle = run.oracle
    found = re.match(r"w a +(\S+) b +(\S+) c +(\S+)   loss +(\S+)  mean loss +(\S+)", row)
    assert found, row
    slack = 1e-9 * oracle.size[run.point]
    for text, value in zip(found.groups()[:3], oracle.w[run.point], strict=True):
        assert tells(text, value, slack), (row, oracle.w[run.point])
    # A loss is a square of differences, each of which is as good as w.
    for text, value in zip(found.groups()[3:], (oracle.loss[run.point], oracle.mean_loss(run.point)), strict=True):
        assert tells(text, value, 4 * slack * (slack + (value or 0.0) ** 0.5)), (row, value)


def check_scrubber(seen, model):
    """The label in numbers, the bar by its sign."""
    scrubber, bar = seen.app.query_one(Scrubber), seen.app.query_one(ScrubBar)
    if not bar.is_on_screen or (model.typing is not None and model.typing.name == "goto"):
        return
    (row,), run = seen.content(scrubber)[:1] or [""], model.run
    found = re.search(r" (start|epoch \S+)(?: / (\S+))? *$", row)
    if found:
        of = None if run.point == run.newest else written(run.newest)
        assert found[1] == worded(run.point).removeprefix("the "), row
        assert found[2] == of or (found[2] is None and len(row) < 50), row
    assert found or len(row) < 50, row
    cells = seen.content(bar)
    if cells and len(cells[0]) >= 8:
        track, updates = cells[0], run.oracle.per_epoch
        done, newest = (point[0] * updates + point[1] for point in (run.point, run.newest))
        total, at = run.config.epochs * updates, track.find("●")
        assert abs(at - done / total * (len(track) - 1)) <= 1, (track, done, total)
        assert (at == len(track) - 1) == (done == total) or len(track) == 1, track
        trained = max(track.rfind(sign) for sign in "━●┫")
        assert abs(trained - newest / total * (len(track) - 1)) <= 1, (track, newest, total)


def check_log(seen, model):
    """Each line of the log: its numbers are those of its point; the visited one, if there is one, is marked."""
    rows, run = seen.content(LogLines), model.run
    marks, points = [], []
    for row in rows:
        found = re.match(r"([ >]) *(\d+(?::\d+)?)([ <])(.*?).?$", row)
        if not row[:-1].strip() or EMPTY.startswith(row.rstrip()):
            assert not row.strip() or not any(each.strip() for each in rows[1:])
            continue
        assert found, row
        point = point_of(found[2])
        if (">" in found[1]) or (found[3] == "<"):
            marks.append(point)
        points.append(point)
        check_line(found[4].split(), point, run, row)
    assert points == sorted(set(points)), rows
    assert marks in ([], [run.point]) if run.point != run.newest else marks == [], (marks, rows)
    assert not points or points[-1] <= run.newest, rows
    if rows and len(rows[0]) >= 40 and not model.scrolled and run.point not in (run.newest, (0, 0)):
        assert marks == [run.point], (rows, run.point, run.newest)


def check_line(numbers, point, run, row):
    oracle, slack = run.oracle, 1e-9 * run.oracle.size[point]
    of_log = {"loss": oracle.loss[point], **dict(zip("abc", oracle.w[point], strict=True))}
    if len(numbers) == 9:
        mean_loss = numbers.pop(5)
        known = None if point[1] else oracle.mean_loss(point)
        assert tells(mean_loss, known, 4 * slack * (slack + (known or 0.0) ** 0.5)), (row, known)
    if len(numbers) > 4:
        of_log = {"lr": rate_of(run.config, point[0] - (point[1] == 0)), **of_log}
    if len(numbers) > 5:
        of_log = {"lr": of_log.pop("lr"), "by a": None, "by b": None, "by c": None, **of_log}
    assert len(numbers) in (5, 8) or len(numbers) < 5, row
    for text, (name, value) in zip(numbers, of_log.items(), strict=False):
        off = 4 * slack * (slack + value**0.5) if name == "loss" else slack
        assert name.startswith("by") or tells(text, value, off), (row, name, value)


def check_form(seen, model):
    """The fields show what runs or what was typed, on the screen, too; what is wrong is said below."""
    app = seen.app
    is_used = model.typing is not None and model.typing.name != "goto"
    texts = model.typing.texts if is_used else model.shown
    fields = {field.parameter.name: field for field in app.query(Field)}
    for name in model.fields_of(texts):
        field = fields.get(name)
        value = app.query_one("#input-preset").value if field is None else field.text
        assert value == texts[name], (name, value, texts[name])
        assert field is None or field.display
        if field is not None and field.control is None:  # it is painted with its name
            shown, before = field, max(NAME_WIDTH, len(field.parameter.label) + 2)
        else:
            shown, before = app.query_one(f"#input-{name}"), 0
        region = shown.region
        is_seen = region.area and region in app.screen.region and app.screen.get_widget_at(*region.offset)[0] is shown
        if is_seen and len(value) + 4 <= region.width - before and not shown.has_focus:
            said = seen.of(region)[0][before:].strip()
            is_choice = field is None or hasattr(field.parameter.value_type, "options")
            assert said == (f"‹ {texts[name]} ›" if is_choice else texts[name].strip()), (name, said)
    assert app.query_one(Form).has_focus_within == is_used


def check(app, model):
    """All that is on the screen says what the model says."""
    seen = Screen(app)
    if len(app.screen_stack) == 1:
        for check_part in (check_header, check_scrubber, check_log, check_form):
            check_part(seen, model)
    elif model.pages and app.size.width >= 30 and app.size.height >= 8:
        assert any(_TITLES[model.pages[-1]] in row for row in seen.rows), (model.pages, seen.rows)
        if model.pages[-1] == "runs":
            check_runs(seen, model)


def check_runs(seen, model):
    from textual.widgets import DataTable

    rows = seen.of(seen.app.screen.query_one(DataTable).content_region)[1:]
    said = [found.group() for row in rows if (found := re.match(r" *>?\d+", row))]
    numbers = [f"{'>' if run is model.run else ''}{run.number}" for run in model.listed]
    assert [each.strip() for each in said] == numbers[: len(said)], (rows, numbers)
    assert len(said) == len(numbers) or len(rows) < len(numbers), (rows, numbers)
