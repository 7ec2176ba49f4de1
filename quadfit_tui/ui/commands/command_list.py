"""The rows of the lists that users search by words: all commands, presets, files of samples."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding

from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import SUMMARIES
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.files.folders import sample_files
from quadfit_tui.core.files.virtual_files import example_names
from quadfit_tui.core.session.twins import TWINS
from quadfit_tui.core.text.language import LANGUAGES, N_, NAMED, _, comma_separated, join_and, labeled
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.text.width import ellipsize
from quadfit_tui.ui.keymap import KEYS, palette_text
from quadfit_tui.ui.screens.list_screen import ListRow
from quadfit_tui.ui.terminal.terminal_app import SUSPEND, transliterate_for

_MOST_FILES = 100  # maximum number of files that are listed, since the columns of each are read
_MOST_COLUMNS, _LONGEST_NAME = 8, 30  # maximum number of columns named for a file, and width of a name

# Synonyms by which users may search for an action, or for an action with an argument.
SYNONYMS: dict[str, str] = {
    "play_pause": N_("start go begin stop resume continue train animate"),
    "step_back('update')": N_("undo revert previous rewind backward backwards"),
    "step('update')": N_("redo advance single"),
    "first": N_("reset rewind beginning"),
    "last": N_("skip latest newest finish follow"),
    "ask": N_("seek find jump position"),
    "speed(1)": N_("speed faster quicker accelerate"),
    "speed(-1)": N_("speed slower slow down delay"),
    "next_view": N_("chart graph plot curve curves tab"),
    "view('surface')": N_("landscape contour contours valley bowl hill"),
    "enlarge": N_(
        "bigger larger smaller maximize small full screen fullscreen chart size hide log projector presentation beamer"
    ),
    "scale_rate(0.5)": N_("halve half lr rate lower"),
    "scale_rate(2)": N_("double twice lr rate higher"),
    "copy": N_("clipboard latex markdown equation formula"),
    "copy_command": N_("clipboard share reproduce link"),
    "diagnose": N_("explain problem error advice analyze diverge limit best good rate lr"),
    "manual": N_("principle docs documentation tutorial guide theory about"),
    "manual('words')": N_("glossary definition meaning words terms dictionary sgd"),
    "edit('optimizer')": N_("sgd adam method"),
    "help": N_("help keys keyboard shortcuts bindings hotkeys mouse"),
    "end": N_("exit close leave bye"),
    "restart": N_("reset reload again anew new rerun start over"),
    "edit('tol')": N_("tolerance threshold precision accuracy stop"),
    "edit('lr')": N_("lr change set parameter settings options preferences"),
    "presets": N_("open load example scenario template new"),
    "data": N_("open load import read csv excel spreadsheet file dataset my own example"),
    "runs": N_("history compare earlier my previous results reopen delete clear"),
    "sweep": N_("table results rows cells grid search compare"),
    "carry_on": N_("continue resume further"),
    "twin": N_("compare difference experiment"),
    "save": N_("export write download print store file png excel"),
    "save('view')": N_("picture image chart export svg png"),
    "save('animation')": N_("gif movie film video record export"),
    "save('settings')": N_("rename name preset keep export"),
    "lessons": N_("tutorial course learn teach teacher class exercise momentum"),
    "theme": N_("colors colours appearance style look contrast color blind"),
    "screenshot": N_("picture image export print svg png"),
    "suspend_process": N_("background shell"),
}
# Requests that the program cannot fulfill but something else can, with the words that find them.
ELSEWHERE = {
    N_("larger letters: your terminal has them, often by Ctrl and +"): N_("font letters characters size"),
    N_("a run that is heard: quadfit-tui run --format spoken"): N_("sound audio speech spoken voice hear blind"),
}
# Search words for each language, whatever the present one is.
LANGUAGE_SYNONYMS = {"en": N_("english"), "zh_CN": N_("chinese mandarin simplified")}


def commands(
    app: App[Any],
    unused: Collection[str] = (),
    bindings: Iterable[Binding] = KEYS,
    presets: Mapping[str, str] = SUMMARIES,
) -> list[ListRow]:
    """Returns the rows of the command palette: those with keys first, in characters that the app's terminal can show.

    `unused`: parameters without a field in the form; `bindings`: keys whose action is possible now; `presets`: the
    summary of each preset by its name.
    """
    keys = (*bindings, SUSPEND)
    rows = [ListRow(palette_text(key), app.get_key_display(key), key.action) for key in keys if key.description]
    rows.append(ListRow(_("words: what those on the screen mean"), "", "manual('words')"))
    rows += [
        ListRow(
            _("go to the field {name}: {help}").format(name=parameter.label, help=_(parameter.help)),
            "",
            f"edit('{name}')",
        )
        for name, parameter in PARAMETERS.items()
        if name not in unused and f"edit('{name}')" not in {row.result for row in rows}
    ]
    rows += [
        ListRow(_("start a twin: {twin}").format(twin=_(twin.words)), "", f"twin_of('{name}')")
        for name, twin in TWINS.items()
    ]
    rows += [
        ListRow(_("preset {name}: {summary}").format(name=name, summary=summary), "", f"preset('{name}')")
        for name, summary in presets.items()
    ]
    rows += [
        ListRow(
            _("theme {name}").format(name=name),
            "",
            f"theme('{name}')",
            _("dark night") if theme.dark else _("light bright"),
        )
        for name, theme in app.available_themes.items()
    ]
    rows += [
        ListRow(labeled(NAMED, name), "", f"language('{code}')", f"{code} {_(LANGUAGE_SYNONYMS[code])}")
        for code, name in LANGUAGES.items()
    ]
    rows += [
        ListRow(
            _("save the {subject}: {about}").format(subject=_(subject.name), about=_(subject.about)),
            "",
            f"save('{name}')",
        )
        for name, subject in SUBJECTS.items()
    ]
    rows.append(ListRow(_("save a screenshot"), "", "screenshot"))
    rows += [ListRow(_(text), "", "", _(words)) for text, words in ELSEWHERE.items()]
    return [
        ListRow(transliterate_for(app, words), transliterate_for(app, lead), action, f"{also} {_synonyms(action)}")
        for words, lead, action, also in rows
    ]


def _synonyms(action: str) -> str:
    """Returns the translated synonyms of an action, or of the same action without its argument."""
    return _(SYNONYMS.get(action) or SYNONYMS.get(action.partition("(")[0], ""))


def preset_rows(app: App[Any], presets: PresetCatalog) -> list[ListRow]:
    """Returns the rows of the list of presets: the program's, the user's, and the faults of files that are invalid."""
    rows = [
        ListRow(transliterate_for(app, summary), transliterate_for(app, name), name)
        for name, summary in presets.summaries.items()
    ]
    return [*rows, *(ListRow(transliterate_for(app, fault), "", "") for fault in presets.faults)]


def data_rows(app: App[Any]) -> list[ListRow]:
    """Returns the rows of the list of data files, with their columns: examples, the folder's files, unusable ones."""
    from quadfit_tui.core.model.samples.reader import columns_in
    from quadfit_tui.core.model.samples.sample_text import SampleFileError  # imported late: most runs have no file

    files = sample_files()
    rows, unread = [], []
    for name in (*example_names(), *files[:_MOST_FILES]):
        lead = transliterate_for(app, shown_name(name))
        try:
            rows.append(ListRow(transliterate_for(app, format_columns(columns_in(name))), lead, name))
        except SampleFileError as refused:
            unread.append(ListRow(transliterate_for(app, str(refused)), lead, name))
    if not files:
        unread.append(ListRow(_("This folder has no data file. Allowed: CSV files."), "", ""))
    if files[_MOST_FILES:]:
        field = PARAMETERS["data"].label
        more = _("There are more files: type a name into the field {name}.").format(name=field)
        unread.append(ListRow(more, "", ""))
    return rows + unread


def format_columns(names: list[str]) -> str:
    """Formats the names of a file's columns for its row; of many columns, the first ones and the number of others."""
    first = [ellipsize(name, _LONGEST_NAME) for name in names[:_MOST_COLUMNS]]
    if (more := len(names) - _MOST_COLUMNS) > 0:
        return _("columns {names} and {n} more").format(names=comma_separated(first), n=more)
    return _("columns {names}").format(names=join_and(first))
