"""A class of the screen, such as that of a form in use: what it changes is styled anew, and nothing else has to be."""

from textual.css.model import SelectorType

from quadfit_tui.ui.widgets.log import HELD_BACK
from quadfit_tui.ui.widgets.panes import READING

CLASSES = ("-editing", READING, "-lesson", "-lesson-read", HELD_BACK)


def rules(screen):
    """Of every widget, how it is styled."""
    return {str(widget): widget.styles.base.get_rules() for widget in screen.walk_children(with_self=True)}


async def test_a_class_of_the_screen_styles_all_that_rules_on_it_are_about(make_app):
    app = make_app()
    async with app.run_test(size=(140, 45)):
        for change in (app.screen.add_class, app.screen.remove_class):
            for name in CLASSES:
                change(name)
                styled = rules(app.screen)
                app.stylesheet.update(app.screen)
                anew = rules(app.screen)
                assert {each for each in anew if styled[each] != anew[each]} == set(), (change.__name__, name)


async def test_it_styles_little_else(make_app, monkeypatch):
    app = make_app()
    async with app.run_test():
        # Where this fails, a widget is to be styled anew for the names of its parts (component classes), too.
        for rule in app.stylesheet.rules:
            for selectors in rule.selector_set:
                *around, last = selectors.selectors
                if last.type is SelectorType.CLASS and "--" in last.name:
                    assert not {each.name for each in around} & set(CLASSES), rule.css
        styled = []
        monkeypatch.setattr(app.stylesheet, "apply", lambda node, **_: styled.append(node))
        app.screen.add_class("-editing")
        assert 1 < len(styled) < 10 < len(app.screen.walk_children())
