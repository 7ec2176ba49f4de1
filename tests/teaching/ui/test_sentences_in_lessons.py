"""Explanations with sentences in the app: the keys go from one's own to the choices."""

from drops import lesson
from lesson_helpers import library, says, shown

STEP = """## Why {#why .explain}
Why does it land at lr 1?
- [x] The step is as long as the error.
  So nothing is left of it.
- [ ] The slope is gone at once.
  It is 8 at the start.
- [ ] The rate is the limit.
  The limit is 2.
- hint: How long is the first step?
"""


async def test_own_sentence_then_choices(make_app):
    made = lesson(STEP)
    app = make_app(library=library(made.id, lessons=(made,)), passing=True, fps=5)
    step = made.steps[0]
    good, bad = (made.letter(step, answer) for answer in step.answers[:2])
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, "Why does it land")
        await pilot.press(*"because", "enter")
        await says(pilot, "A sentence of four words or more, please.")
        await pilot.press(*" the step is so long", "enter")  # a text that is too short is continued
        await says(pilot, "Which says what you mean?")
        assert "You wrote: because the step is so long." in "\n".join(shown(app))
        assert any(row.startswith("C  ") for row in shown(app))
        assert "Enter: submit" in shown(app)[-1]
        await pilot.press(bad, "enter")
        await says(pilot, f"✗ You said {bad.upper()}. It is 8 at the start.")
        await pilot.press("escape")
        assert "Type A, B or C" in shown(app)[-1]
        await pilot.press(good, "enter")
        await says(pilot, f"✓ You said {good.upper()}. Right. So nothing is left of it.")
        assert not any(row.startswith("✓ You wrote") for row in shown(app))
        assert any(row.startswith(f"{good.upper()}✓ The step") for row in shown(app))
        assert app.focused is None
        await pilot.press("enter")
        await says(pilot, "This is the end of the lesson.")
