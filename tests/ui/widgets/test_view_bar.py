"""The bar of views: what it says in so much room, which view is marked in it, and what a click chooses."""

from languages import speaking
from pseudo_locale import cells, columns
from tables import table
from textual.app import App

from quadfit_tui.testing import screen_text
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.views.view_table import VIEWS, view_name
from quadfit_tui.ui.widgets.view_bar import ViewBar, entries


@table("active", VIEWS)
def test_view_bar_fits_and_names_active(active):
    for width in range(20, 72):
        texts = [text for _, text in entries(active, width)]
        number = list(VIEWS).index(active) + 1
        assert sum(map(len, texts)) <= max(width, 30)
        assert [text.split()[0] for text in texts] == [str(each) for each in range(1, len(VIEWS) + 1)]
        assert texts[number - 1].split()[1] in ("Params", active.capitalize())
        assert texts[number - 1][0] == texts[number - 1][-1] == " "  # where brackets may stand
        one_line = "".join(texts)
        assert (one_line[0], one_line[-1]) == (" ", " ")
        for other in VIEWS:  # nothing moves when another one is chosen, unless there is room for one name only
            moved = "".join(text for _, text in entries(other, width))
            assert moved == one_line or width < 48


def test_view_bar_counts_wide_columns():
    with speaking():
        whole = "".join(text for _, text in entries("loss", 80))
        assert whole == " 1 拟合  2 损失  3 参数  4 曲面  5 更新  6 地图 "
        for width in range(20, 80):
            found = "".join(text for _, text in entries("loss", width))
            assert columns(found) <= width or found == " 1  2 损失  3  4  5  6 "
            assert (found == whole) is (width >= columns(whole))


class Bar(App):
    """A bar of views alone, and which of them are asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def get_theme_variable_defaults(self):
        return {"on-primary": "white"}

    def compose(self):
        yield ViewBar(signs=False)

    def action_view(self, name):
        self.asked.append(name)


async def test_click_in_wide_view_bar():
    with speaking():
        app = Bar()
        async with app.run_test(size=(60, 5)) as pilot:
            row = cells("".join(text for _, text in entries("fit", 60)))
            for name in VIEWS:
                await pilot.click(ViewBar, offset=(row.index(view_name(name)[1]) + 1, 0))
            assert app.asked == [*VIEWS]


async def test_active_view_bracketed_without_colors(make_app):
    app = make_app(capabilities=Capabilities(colors=""))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        assert " 1 Fit  2 Loss  3 Parameters [4 Surface] 5 Update  6 Map" in screen_text(app)
        await pilot.press("s")  # the form beside it
        await pilot.pause()
        assert " 1 Fit 2 Loss 3 Params[4 Surface]5 Update 6 Map" in screen_text(app)
        await pilot.resize_terminal(60, 18)
        await pilot.pause()
        assert " 1  2  3 [4 Surface] 5  6" in screen_text(app)
