"""What is sent of a picture: it must show on a terminal what Textual's own output would, in the fewest bytes."""

import re
from functools import partial
from itertools import product

import pyte
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len, split_graphemes
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from strict import StrictScreen
from tables import table
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip
from trials import trials

from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.display.screen_buffer import _SINGLE, ScreenBuffer, move

SIZE = WIDTH, HEIGHT = 14, 4
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=WIDTH)

COLORS = st.sampled_from([None, "#ff0000", "#00ff00", "#102030", "default"])
STYLES = st.builds(
    Style,
    color=COLORS,
    bgcolor=COLORS,
    bold=st.booleans(),
    dim=st.booleans(),
    italic=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
    strike=st.booleans(),
)
CELLS = st.tuples(st.sampled_from("    ab─⣿"), STYLES)
PICTURES = st.lists(st.lists(CELLS, min_size=WIDTH, max_size=WIDTH), min_size=HEIGHT, max_size=HEIGHT)
PARTS = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.lists(CELLS, min_size=1, max_size=WIDTH))
MIXED = st.lists(
    st.tuples(st.sampled_from([*"    ab─²日本語", "e\u0301", " " * 20]), STYLES), min_size=1, max_size=WIDTH
)
MIXED_PARTS = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), MIXED)


def strip(cells):
    return Strip([Segment(char, style) for char, style in cells])


def whole(rows):
    return LayoutUpdate([[strip(row)] for row in rows], Region(0, 0, *SIZE))


def part(y, x, cells):
    """What Textual has composed when some cells of a row are new: the row in pieces, of which one is there."""
    new = strip(cells).crop(0, WIDTH - x)
    end = x + new.cell_length
    chops = [{} for _ in range(HEIGHT)]
    chops[y] = {0: None, x: new} if x else {x: new}
    ends = [[] for _ in range(HEIGHT)]
    ends[y] = [x, end] if x else [end]
    return ChopsUpdate(chops, [(y, x, end)], ends)


class Terminal:
    """What a terminal shows that gets some output."""

    def __init__(self, size=SIZE, screen=pyte.Screen):
        self.screen = screen(*size)
        self.stream = pyte.Stream(self.screen)

    def get(self, text):
        self.stream.feed(text)

    def cells(self):
        """Each cell as it is seen: the ink of a blank is not, nor whether it is bold."""
        return [[_seen(self.screen.buffer[y][x]) for x in range(self.screen.columns)] for y in range(self.screen.lines)]


def _seen(char):
    look = (char.fg, char.bg, char.bold, char.italics, char.underscore, char.strikethrough, char.reverse)
    if char.data == " " and not (char.underscore or char.strikethrough or char.reverse):
        return " ", char.bg
    return char.data, look


@given(st.lists(st.one_of(PICTURES.map(whole), PARTS.map(lambda each: part(*each))), min_size=1, max_size=5), st.data())
@settings(trials(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_output_equals_textual_rendering(updates, data):
    first = whole([[(" ", Style())] * WIDTH] * HEIGHT)
    picture, ours, theirs = ScreenBuffer(SIZE, Capabilities()), Terminal(), Terminal()
    for update in [first, *updates]:
        theirs.get(update.render_segments(CONSOLE).replace("\n", ""))
        picture.apply_update(update)
        if data.draw(st.booleans(), "the link is ready"):
            ours.get(picture.changes())
    ours.get(picture.changes())
    assert ours.cells() == theirs.cells()
    assert picture.is_sent
    assert picture.changes() == ""


@given(st.lists(MIXED_PARTS, min_size=1, max_size=12), st.data())
@settings(trials(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_incremental_wide_updates_equal_full_draw(parts, data):
    """Also one of which half is written over, which Textual does where one widget lies over another."""
    blank = whole([[(" ", Style())] * WIDTH] * HEIGHT)
    changed, ours = ScreenBuffer(SIZE, Capabilities()), Terminal(screen=StrictScreen)
    at_once, theirs = ScreenBuffer(SIZE, Capabilities()), Terminal(screen=StrictScreen)
    told = [[" "] * WIDTH for _ in range(HEIGHT)]
    changed.apply_update(blank)
    at_once.apply_update(blank)
    for y, x, cells in parts:
        changed.apply_update(part(y, x, cells))
        at_once.apply_update(part(y, x, cells))
        write(told[y], x, strip(cells).crop(0, WIDTH - x).text)
        if data.draw(st.booleans(), "the link is ready"):
            ours.get(changed.changes())
            if data.draw(st.booleans(), "somebody types"):
                place = data.draw(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)), "where")
                ours.get(changed.cursor_to(place))
    ours.get(changed.changes())
    theirs.get(at_once.changes())
    assert ours.cells() == theirs.cells()
    assert [[char for char, *_ in row] for row in ours.cells()] == told


def write(row, x, text):
    """Writes a text into the cells of a row: of what is wide, and is written over by half, the other is a blank."""
    for char in text:
        width = cell_len(char)
        if not width:
            row[x - 1] += char
            continue
        new = [char, *[""] * (width - 1)]
        if not row[x]:
            row[x - 1] = " "
        if x + width < WIDTH and not row[x + width]:
            row[x + width] = " "
        row[x : x + width] = new
        x += width


def test_wide_text_sends_only_changes():
    picture = ScreenBuffer((40, 1), Capabilities())

    def sent(text):
        picture.apply_update(LayoutUpdate([[Strip([Segment(text)]).adjust_cell_length(40)]], Region(0, 0, 40, 1)))
        return picture.changes()

    sent("1 每次更新都用上 1 全部样本学习率 1")
    assert sent("2 每次更新都用上 1 全部样本学习率 1") == "\x1b[H2"
    assert sent("2 每次更新都用上 2 全部样本学习率 1") == "\x1b[18G2"
    assert sent("2 每次变新都用上 2 全部样本学习率 1") == "\x1b[7G变"
    assert sent("2 每次变新都用上 3 金部样本学习率 1") == "\x1b[9C3 金"  # a blank is passed over in one byte
    assert sent("2 abcd变新都用上 3 金部样本学习率 1") == "\x1b[3Gabcd"
    assert sent("2 ab每d变新都用上3 金部样本学习率 1") == "\b\b每d变新都用上"  # one column further left
    assert sent("2 ab每e变ff都用上3 金部样本学习率 1") == "\x1b[7Ge变ff"  # a wide one is passed over in three bytes
    assert picture.cursor_to((12, 0)) == "\x1b[C"  # where somebody types, at half of it
    assert sent("2 ab每e变ff都去上3 金部样本学习率 1") == "\x1b[C去"


@table(
    ("x", "over", "seen"),
    [
        (1, "a", " a本x本"),
        (2, "a", "日a x本"),
        (1, "a日", " a日x本"),
        (5, "ab", "日本xab"),
        (6, "a", "日本x a"),
        (6, "本", "日本x  "),
    ],
)
def test_overlapped_wide_character_leaves_no_half(x, over, seen):
    picture, terminal = ScreenBuffer((7, 1), Capabilities()), Terminal((7, 1), StrictScreen)
    picture.apply_update(LayoutUpdate([[Strip([Segment("日本x本")])]], Region(0, 0, 7, 1)))
    terminal.get(picture.changes())
    picture.apply_update(LayoutUpdate([[Strip([Segment(over)])]], Region(x, 0, cell_len(over), 1)))
    terminal.get(picture.changes())
    assert "".join(char for char, *_ in terminal.cells()[0]) == seen


@given(st.sampled_from([Capabilities(), Capabilities(erases=False)]), PICTURES, PICTURES)
@settings(trials(25), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_forgotten_picture_is_resent_whole(kind, before, after):
    picture, terminal, fresh = ScreenBuffer(SIZE, kind), Terminal(), Terminal()
    picture.apply_update(whole(before))
    terminal.get(picture.changes())
    terminal.screen.reset()  # somebody else had it
    picture.apply_update(whole(after))
    picture.forget()
    terminal.get(picture.changes())
    fresh.get(whole(after).render_segments(CONSOLE).replace("\n", ""))
    assert terminal.cells() == fresh.cells()


def test_what_is_not_seen_is_not_sent():
    picture = ScreenBuffer((20, 1), Capabilities())
    picture.apply_update(LayoutUpdate([[strip([(" ", Style(color="red", bold=True))] * 20)]], Region(0, 0, 20, 1)))
    picture.changes()
    picture.apply_update(LayoutUpdate([[strip([(" ", Style(color="blue"))] * 20)]], Region(0, 0, 20, 1)))
    assert picture.changes() == ""


def test_long_blank_is_erased_in_color():
    picture, terminal = ScreenBuffer((40, 2), Capabilities()), Terminal((40, 2))
    red, green = Style(bgcolor="#ff0000"), Style(bgcolor="#00ff00")
    rows = [[strip([*[(" ", red)] * 25, ("x", red), *[(" ", green)] * 14])], [strip([(" ", green)] * 40)]]
    picture.apply_update(LayoutUpdate(rows, Region(0, 0, 40, 2)))
    sent = picture.changes()
    terminal.get(sent)
    assert len(sent) < 90
    papers = [[terminal.screen.buffer[y][x].bg for x in range(40)] for y in range(2)]
    assert papers == [["ff0000"] * 26 + ["00ff00"] * 14, ["00ff00"] * 40]


def test_control_characters_are_stripped():
    picture = ScreenBuffer((12, 1), Capabilities())
    picture.apply_update(LayoutUpdate([[Strip([Segment("a\x1b]0;x\x07\r\nb\x9b")])]], Region(0, 0, 12, 1)))
    sent = picture.changes().split("m", 1)[-1]
    assert sent.isprintable()
    assert sent.replace(" ", "") == "a]0;xb"


def test_single_cell_set_has_width_one():
    assert all(char.isprintable() and cell_len(char) == 1 and len(split_graphemes(char)[0]) == 1 for char in _SINGLE)
    assert {*"─│┼━●⠿▐‹·↑−…", *"az~ "} <= _SINGLE
    assert not {"\x1b", "\x7f", "日", "\u0301", "\ufe0f"} & _SINGLE


@table(
    "text",
    ["日本", "👩\u200d💻", "❤\ufe0f", "👍🏽", "🇩🇪", "e\u0301", "a\u200bb", "\u0301a", "a\tb", "\xad", "1\ufe0f\u20e3"],
)
@table("kind", [Capabilities(), Capabilities(ascii=True)], ids=["unicode", "ascii"])
def test_multi_codepoint_character_keeps_following_column(kind, text):
    """On a terminal that knows nothing of them, as on one that does."""
    picture, terminal = ScreenBuffer((12, 1), kind), Terminal((12, 1))
    cells = Strip([Segment(f"<{text}>")]).adjust_cell_length(12)
    picture.apply_update(LayoutUpdate([[cells]], Region(0, 0, 12, 1)))
    sent = picture.changes()
    terminal.get(sent)
    assert terminal.screen.buffer[0][1 + cell_len(text)].data == ">"
    assert not {"\u200d", "\ufe0f"} & set(sent)


@table("place", [(-1, 0), (-9, 3), (0, -1), (14, 0), (0, 4), (-8, -8)])
def test_cursor_outside_picture_is_not_moved(place):
    """Terminals ignore `ESC[1;-8H`, and what is drawn from there would be elsewhere."""
    picture, terminal = ScreenBuffer(SIZE, Capabilities()), Terminal()
    picture.apply_update(whole([[("a", Style())] * WIDTH] * HEIGHT))
    terminal.get(picture.changes())
    assert picture.cursor_to(place) == ""
    after = whole([[("b", Style())] * WIDTH] * HEIGHT)
    picture.apply_update(after)
    terminal.get(picture.changes())
    assert terminal.screen.display == ["b" * WIDTH] * HEIGHT


@table(("start", "end"), [(None, (-9, 0)), (None, (0, -2)), ((3, 3), (-1, 3)), ((3, 3), (-4, -4))])
def test_invalid_move_raises(start, end):
    with pytest.raises(ValueError, match="no place on a screen"):
        move(start, end)


@given(PICTURES, PICTURES)
@settings(trials(25), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_no_relative_moves_where_unsupported(before, after):
    picture, terminal = ScreenBuffer(SIZE, Capabilities(erases=False, relative=False)), Terminal()
    for update in (before, after):
        picture.apply_update(whole(update))
        sent = picture.changes()
        assert set(re.findall(r"\x1b\[[\d;]*(.)|([\r\n\b])", sent)) <= {("H", ""), ("m", "")}
        terminal.get(sent)
    fresh = Terminal()
    fresh.get(whole(after).render_segments(CONSOLE).replace("\n", ""))
    assert terminal.cells() == fresh.cells()


def test_moves_are_correct_and_never_longer():
    starts = [None, (0, 0), (4, 3), (79, 23), (6, 2), (1, 21)]
    for start, x, y in product(starts, (0, 1, 5, 79), (0, 3, 4, 20)):
        terminal = Terminal((80, 24))
        if start is not None:
            terminal.get(f"\x1b[{start[1] + 1};{start[0] + 1}H")
        sequence = move(start, (x, y))
        terminal.get(sequence)
        assert (terminal.screen.cursor.x, terminal.screen.cursor.y) == (x, y)
        assert len(sequence) <= len(f"\x1b[{y + 1};{x + 1}H")


def sent(style, colors):
    picture = ScreenBuffer((1, 1), Capabilities(colors=colors))
    picture.apply_update(LayoutUpdate([[strip([("x", style)])]], Region(0, 0, 1, 1)))
    return picture.changes().removeprefix("\x1b[H")


def test_nearest_fixed_color_of_256():
    assert sent(Style(color="#d75f5f", bgcolor="#242f38"), "256") == "\x1b[0;38;5;167;48;5;236mx"
    assert sent(Style(color="#000000", bgcolor="#ffffff"), "256") == "\x1b[0;38;5;16;48;5;231mx"
    assert sent(Style(color="red", bgcolor="color(200)"), "256") == "\x1b[0;31;48;5;200mx"  # as a theme asks for them


@table(
    ("ink", "paper", "codes"),
    [
        ("#e0e0e0", "#121212", "0;37;40"),  # a dark theme
        ("#1f1f1f", "#e0e0e0", "0;30;47"),  # a light theme
        ("#d75f5f", "#121212", "0;91;40"),
        ("#ffc473", "#121212", "0;93;40"),
        ("#a32549", "#e0e0e0", "0;31;47"),
        ("#a86d1c", "#e0e0e0", "0;31;47"),
        ("#7b7b00", "#e0e0e0", "0;30;47"),  # yellow could not be read there
        ("#ffa62b", "#121212", "0;93;40"),  # orange is no red
        ("#ffffff", "#0178d4", "0;37;44"),  # what is chosen
        ("#e0e0e0", "#1b415f", "0;30;47"),  # a field in use, in a dark theme and in a light one
        ("#1f2328", "#acafe8", "0;37;40"),
        ("#ffffff", "#b93c5b", "0;37;41"),
        ("default", "default", ""),  # a theme of the terminal's own colors
        ("blue", "default", "0;34"),
    ],
)
def test_ink_is_readable_with_16_colors(ink, paper, codes):
    assert sent(Style(color=ink, bgcolor=paper), "standard") == f"\x1b[{codes}mx"


def test_no_bold_black_with_16_colors():
    """Many terminals show bold black as gray."""
    assert sent(Style(color="#e0e0e0", bgcolor="#1b415f", bold=True), "standard") == "\x1b[0;30;47mx"
    assert sent(Style(color="#e0e0e0", bgcolor="#121212", bold=True), "standard") == "\x1b[0;1;37;40mx"


def test_monochrome_reverses_selection():
    picture = ScreenBuffer((3, 1), Capabilities(colors=""))
    dark, chosen = Style(color="#e0e0e0", bgcolor="#121212"), Style(color="#ddedf9", bgcolor="#0178d4", bold=True)
    picture.apply_update(LayoutUpdate([[strip([("a", dark), ("b", chosen), (" ", chosen)])]], Region(0, 0, 3, 1)))
    assert picture.changes() == "\x1b[H\x1b[ma\x1b[1;7mb "


def test_ascii_sends_lookalike_characters():
    picture = ScreenBuffer((11, 1), Capabilities(ascii=True))
    picture.apply_update(LayoutUpdate([[Strip([Segment("─│┼━●▐‹x²é⣿")])]], Region(0, 0, 11, 1)))
    assert picture.changes() == "\x1b[H\x1b[m-|+=@#<x2e*"
    picture.apply_update(LayoutUpdate([[Strip([Segment("n: on · b·x")])]], Region(0, 0, 11, 1)))
    assert picture.changes() == "\x1b[Hn: on - b.x"


def test_send_narrow_replaces_ambiguous_characters():
    picture = ScreenBuffer((27, 1), Capabilities())
    text = "─│┼●▐x²é⣿ n · b·x 平均“慢”…"
    picture.apply_update(LayoutUpdate([[Strip([Segment(text)])]], Region(0, 0, 27, 1)))
    assert picture.changes() == f"\x1b[H\x1b[m{text}"
    picture.send_narrow()
    assert picture.changes() == '\x1b[H\x1b[m-|+▪▐x^e⣿ n - b.x 平均"慢"⋯'


@given(st.lists(MIXED_PARTS, min_size=1, max_size=12), st.data())
@settings(trials(25), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_narrow_output_fits_ambiguous_wide_terminal(parts, data):
    blank = whole([[(" ", Style())] * WIDTH] * HEIGHT)
    usual, one = ScreenBuffer(SIZE, Capabilities()), Terminal(screen=StrictScreen)
    narrow, two = ScreenBuffer(SIZE, Capabilities()), Terminal(screen=partial(StrictScreen, ambiguous=2))
    narrow.send_narrow()
    for update in [blank, *(part(*each) for each in parts)]:
        usual.apply_update(update)
        narrow.apply_update(update)
        if data.draw(st.booleans(), "the link is ready"):
            two.get(narrow.changes())
    one.get(usual.changes())
    two.get(narrow.changes())
    texts = [[[char for char, *_ in row] for row in terminal.cells()] for terminal in (one, two)]
    assert texts[1] == [[char.replace("─", "-").replace("²", "^") for char in row] for row in texts[0]]
