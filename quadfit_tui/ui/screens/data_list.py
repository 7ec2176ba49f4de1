"""DataList: the list of data files, which also asks for the columns x and y of a file with more than two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import App

from quadfit_tui.core.text.language import _, comma_separated, labeled
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.text.width import ellipsize
from quadfit_tui.ui.screens.list_screen import ListRow, ListScreen
from quadfit_tui.ui.terminal.terminal_app import transliterate_for

if TYPE_CHECKING:
    from quadfit_tui.core.model.samples.reader import FileColumn

_LONGEST = 30  # maximum width of a name on the screen
_LONGEST_VALUE = 12


class DataList(ListScreen):
    """The list of data files; its result is the chosen file.

    `columns` are the names that the user chose as x and y, or None if the file has no others. Enter chooses x, then y;
    on the chosen x it cancels that, and Esc returns to the files.
    """

    def __init__(self, files: Iterable[ListRow], first: str) -> None:
        self._files = [*files]
        super().__init__(*self._of_files, first=first)
        self.columns: tuple[str, str] | None = None
        self._file = ""  # the file with the listed columns
        self._choices: Sequence[FileColumn] = ()
        self._x = ""

    @property
    def _of_files(self) -> tuple[str, list[ListRow], str]:
        """The title, the rows and the placeholder of the list of files."""
        return _("Data files"), self._files, _("type a part of a name or of a column")

    def _choose(self, result: str) -> None:
        """Handles the choice of a file, or of x, or of y, which closes the list."""
        if not self._choices:
            self._choose_file(result)
        elif result == self._x:
            self._ask("", result)
        elif not self._x:
            words = [column.word for column in self._choices]
            self._ask(result, words[(words.index(result) + 1) % len(words)])  # y is mostly the column after x
        else:
            self.columns = self._x, result
            self.dismiss(self._file)

    def _choose_file(self, file: str) -> None:
        """Closes the list with a file, or asks for its columns if it has more than two."""
        from quadfit_tui.core.model.samples.reader import undecided_columns
        from quadfit_tui.core.model.samples.sample_text import SampleFileError  # imported late: most runs have no file

        try:
            choices = undecided_columns(file)
        except SampleFileError:  # shown when the run reads the whole file
            choices = []
        if len(choices) < 2:
            self.dismiss(file)
        else:
            self._file, self._choices = file, choices
            self._ask("", choices[0].word)

    def _ask(self, x: str, first: str) -> None:
        """Lists the columns and asks for x or, if `x` is given, for y; the row `first` is marked."""
        self._x = x
        question = _("Which column is y?") if x else _("Which column is x?")
        name = transliterate_for(self.app, ellipsize(shown_name(self._file), _LONGEST))
        rows = column_rows(self.app, self._choices, x)
        self._list_anew(labeled(name, question), rows, _("type a part of a name or of a value"), first)

    async def action_dismiss(self, result: str | None = None) -> None:
        """Returns from the columns to the files, or closes the list."""
        if self._choices:
            self._choices, self._x = (), ""
            self._list_anew(*self._of_files, self._file)
        else:
            await super().action_dismiss(result)


def column_rows(app: App[Any], choices: Iterable[FileColumn], x: str = "") -> list[ListRow]:
    """Returns a row for each column of a file, with its first values; that of x has a mark."""
    rows = []
    for column in choices:
        name = ellipsize(column.heading, _LONGEST) or _("column {number}").format(number=column.word)
        values = comma_separated([ellipsize(value, _LONGEST_VALUE) for value in column.values])
        rows.append(
            ListRow(
                transliterate_for(app, values),
                transliterate_for(app, f"{'x' if column.word == x else ' '} {name}"),
                column.word,
            )
        )
    return rows
