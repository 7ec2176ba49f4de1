"""How paused screens look. Read a changed picture before it is accepted: `pytest --snapshot-update`."""

import pytest
from app_helpers import at_once, train
from rich.segment import Segment
from rich.style import Style
from snapshots import Taken, read, written

from quadfit_tui.core.session.playback import Unit

EPOCH, UPDATE = Unit.EPOCH, Unit.UPDATE
SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
# Walks: a preset, and from one picture to the next what is done, a number of epochs among it. With an app for each
# picture it would take half as long again. Each begins by leaving what the one before has opened.
WALKS = {
    "article": (
        "article",
        {
            "start": [],
            "preset_chosen": ["p", "right"],
            "help": ["escape", "question_mark"],
            "principle": ["escape", "f1", "pagedown", "pagedown"],
            "field_in_use": ["escape", "l"],
            "wrong_input": ["escape", EPOCH, "l", *"abc"],
            "wrong_epoch": ["escape", EPOCH, EPOCH, "g", *"200", "enter"],
            "paused_after_epochs": ["escape", 7],
            "visiting_the_past": ["left_square_bracket", 4, "b"],
            "view_loss": [11, "2"],
            "view_parameters": ["1", "3"],
            "view_words": ["1", "6"],
        },
    ),
    "batches": (
        "article-minibatch",
        {"worked_update": [EPOCH, UPDATE, "5", *["down"] * 12], "paused_within_an_epoch": ["1", UPDATE]},
    ),
    "window": ("noisy", {"window_of_the_data": [5, "z"]}),
    "updates": ("noisy", {"update_mode": [EPOCH, "u", "z", "n", "o"]}),
    "misleading": ("article-as-printed", {"stopped_on_a_misleading_rule": [EPOCH, EPOCH]}),
    "diverged": ("too-fast", {"diverged": [7]}),
    "runs": ("full-batch", {"runs": [30, *"kst"], "earlier_runs": ["escape", "3", "2"]}),
    "scaled": ("ill-conditioned-scaled", {"scaled_features": [3, "5"]}),
    "light": (
        "article",
        {
            "wrong_input": [EPOCH, "l", *"abc"],
            "paused_after_epochs": ["escape", 9],
            "visiting_the_past": ["left_square_bracket", 4, "b"],
        },
    ),
    "slim": (
        "article",
        {"slim": [EPOCH], "slim_wrong_input": ["l", *"abc"], "slim_worked_update": ["escape", "5", "pagedown"]},
    ),
    "short": ("article", {"short": [EPOCH]}),
    "advice": ("too-fast", {"diverged_in_a_line": [7], "diverged": ["i"]}),
    "misleading_advice": ("article-as-printed", {"stopped_on_a_misleading_rule": [EPOCH, EPOCH, "i"]}),
}
SMALL_SIZES = {"slim": (50, 20), "short": (80, 16)}
DRAWN = {  # by the plugin, in SVG; the others are text, a ninth of that
    (step, SIZES["80x24"])
    for step in (
        "start",
        "principle",
        "field_in_use",
        "wrong_input",
        "paused_after_epochs",
        "paused_within_an_epoch",
        "view_loss",
        "view_parameters",
        "view_words",
        "worked_update",
        "diverged",
        "runs",
    )
} | {("paused_after_epochs", SIZES["140x45"])}
PICTURES = {}  # of walks that were done


def steps(*walks):
    """The pictures of walks as parameters; those of one are taken by the same worker of pytest."""
    return [
        pytest.param(walk, step, id=step, marks=pytest.mark.xdist_group(walk))
        for walk in walks
        for step in WALKS[walk][1]
    ]


@pytest.fixture
def pictures(make_app):
    """Gives what a walk takes pictures of, by their names; where those are few, by the way of what others ask for."""

    def take(walk, size=SIZES["80x24"], others=(), theme="textual-dark", **options):
        if (walk, size) not in PICTURES:
            preset, pictures = WALKS[walk]
            sizes = {size, *others} if len(pictures) < 3 else {size}
            app = make_app(preset, **options)
            app.theme = theme

            async def go(pilot):
                for name, keys in pictures.items():
                    for key in keys:
                        if isinstance(key, int):
                            train(app, app.session.snapshot().epoch + key)
                        elif isinstance(key, Unit):
                            app.playback.action_step(key)  # quicker than the key for it
                        else:
                            await pilot.press(key)
                            await pilot.pause()
                    for size in sorted(sizes, key=lambda size: size != app.size):
                        await pilot.resize_terminal(*size)
                        await pilot.pause(10)  # notes in the corner have gone
                        PICTURES.setdefault((walk, size), {})[name] = Taken(app)
                app.exit()

            app.run(headless=True, size=size, auto_pilot=go)
        return PICTURES[walk, size]

    return take


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(
    ("walk", "step"),
    steps("article", "batches", "window", "updates", "misleading", "diverged", "runs", "scaled"),
)
def test_screen(pictures, compare, walk, step, size):
    compare(pictures(walk, size, SIZES.values())[step], (step, size) in DRAWN)


@pytest.mark.parametrize(("walk", "step"), steps("light"))
def test_light_screen(pictures, compare, walk, step):
    compare(pictures(walk, theme="textual-light")[step], step == "paused_after_epochs")


@pytest.mark.parametrize(("walk", "step"), steps(*SMALL_SIZES))
def test_small_screen(pictures, compare, walk, step):
    compare(pictures(walk, SMALL_SIZES[walk])[step])


@pytest.mark.parametrize(("walk", "step"), steps("advice", "misleading_advice"))
def test_diagnosis(pictures, compare, walk, step):
    compare(pictures(walk, runner=at_once)[step])


def test_a_snapshot_in_text_says_all_that_is_seen():
    def text(words="w 木", style="#e0e0e0 on #202020", end="on #101010"):
        parts = [(words, style), (" a²  ", "bold #ffffff on #202020"), ("  ", end)]
        row = [Segment(part, Style.parse(ink)) for part, ink in parts]
        return written([row, [Segment(11 * " ", Style.parse("on #202020"))]], "title")

    inks = ["#e0e0e1 on #202020", "#e0e0e0 on #202021"]
    inks += [f"{kind} #e0e0e0 on #202020" for kind in ("bold", "dim", "italic", "underline", "reverse")]
    others = [{"words": "w x "}, {"end": "on #202020"}, *({"style": ink} for ink in inks)]
    texts = [text(), *(text(**other) for other in others)]
    assert len(set(texts)) == len(texts)
    assert texts[0] == "11×2 title\n\nw 木 a²\n\n\na a bb  c\nd\n\na #e0e0e0 on #202020\n" + (
        "b #ffffff on #202020 bold\nc on #101010\nd on #202020\n"
    )
    assert [written(*read(each)) for each in texts] == texts
