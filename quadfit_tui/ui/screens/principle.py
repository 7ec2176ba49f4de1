"""The page of the principle, and how to read each view."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from quadfit_tui.core.explain.principle import TITLE, page
from quadfit_tui.core.text.document import DocumentRow, DocumentSection, row_lines
from quadfit_tui.ui.screens.text_screen import TextScreen
from quadfit_tui.ui.views import VIEWS


def principle_page(spell: Callable[[str], str] = str) -> TextScreen:
    """The page that tells what the training does, with its formulas; `spell` puts them in characters that are shown."""
    sections = page({name: view.reading for name, view in VIEWS.items()})
    text = Content("\n\n").join(block for section in sections for block in _blocks(section, spell))
    return TextScreen(TITLE, text, keys="f1,question_mark")


def _blocks(section: DocumentSection, spell: Callable[[str], str]) -> list[Content]:
    """The heading of a section and its paragraphs, which the screen will wrap, and its rows."""
    texts = [Content(spell(block)) if isinstance(block, str) else _rows(block, spell) for block in section.blocks]
    return [Content.styled(section.title, "bold $accent"), *texts]


def _rows(rows: tuple[DocumentRow, ...], spell: Callable[[str], str]) -> Content:
    """Rows of formulas, which stand out."""
    spelled = [DocumentRow(*map(spell, row)) for row in rows]
    shown = zip(spelled, row_lines(spelled), strict=True)
    return Content("\n").join(Content(line).stylize("bold", 0, 2 + len(row.formula)) for row, line in shown)
