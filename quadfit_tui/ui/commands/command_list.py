"""The rows of the lists in which words find something: all commands, presets, files of samples."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding

from quadfit_tui.core.config.own_presets import Presets
from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import SUMMARIES
from quadfit_tui.core.export.subjects import SUBJECTS
from quadfit_tui.core.files.folders import sample_files
from quadfit_tui.core.files.virtual_files import example_names
from quadfit_tui.core.session.twins import TWINS
from quadfit_tui.core.text.language import LANGUAGES, NAMED, _, comma_separated, labeled, listed, noted
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.text.width import shortened
from quadfit_tui.ui.keymap import KEYS, command
from quadfit_tui.ui.screens.list_screen import Row
from quadfit_tui.ui.terminal.terminal_app import SUSPEND, spelled

_MOST_FILES = 100  # of which the columns are read
_MOST_COLUMNS, _LONGEST_NAME = 8, 30  # whose headings are told; columns of the screen for one of them

# Other words that people have for what an action does, or for what an action does with an argument.
SYNONYMS: dict[str, str] = {
    "play_pause": noted("start go begin stop resume continue train animate"),
    "step_back('update')": noted("undo revert previous rewind"),
    "step('update')": noted("redo advance single"),
    "first": noted("reset rewind beginning"),
    "last": noted("skip latest newest finish follow"),
    "ask": noted("seek find jump position"),
    "speed(1)": noted("speed faster quicker accelerate"),
    "speed(-1)": noted("speed slower slow down delay"),
    "next_view": noted("chart graph plot tab"),
    "view('surface')": noted("landscape contour contours valley bowl hill"),
    "enlarge": noted("bigger larger maximize full screen fullscreen chart size hide log projector presentation beamer"),
    "scale_rate(0.5)": noted("halve half lr rate lower"),
    "scale_rate(2)": noted("double twice lr rate higher"),
    "copy": noted("clipboard latex markdown equation formula"),
    "copy_command": noted("clipboard share reproduce link"),
    "diagnose": noted("explain problem error advice analyze diverge"),
    "manual": noted("principle docs documentation tutorial guide theory about"),
    "manual('words')": noted("glossary definition meaning words terms dictionary sgd"),
    "edit('optimizer')": noted("sgd adam method"),
    "help": noted("help keys keyboard shortcuts bindings hotkeys mouse"),
    "end": noted("exit close leave bye"),
    "restart": noted("reset reload again anew new rerun"),
    "edit('lr')": noted("lr change set parameter settings options preferences"),
    "presets": noted("open load example scenario template new"),
    "data": noted("open load import read csv file dataset own example"),
    "runs": noted("history compare earlier results reopen delete clear"),
    "sweep": noted("table results rows cells grid search compare"),
    "carry_on": noted("continue resume further"),
    "twin": noted("compare difference experiment"),
    "save": noted("export write download print store file"),
    "save('animation')": noted("gif movie film video record export"),
    "save('settings')": noted("rename name preset keep export"),
    "lessons": noted("tutorial course learn teach exercise"),
    "theme": noted("colors colours appearance style look contrast color blind"),
    "screenshot": noted("picture image export print svg"),
    "suspend_process": noted("background shell"),
}
# What the program cannot do, and who can; the words that find it.
ELSEWHERE = {
    noted("larger letters: your terminal has them, often by Ctrl and +"): noted("font letters characters size"),
    noted("a run that is heard: quadfit-tui run --format spoken"): noted("sound audio speech spoken voice hear blind"),
}
LANGUAGES_TOLD = {"en": noted("english"), "zh_CN": noted("chinese mandarin simplified")}  # whatever is shown


def commands(
    app: App[Any],
    unused: Collection[str] = (),
    bindings: Iterable[Binding] = KEYS,
    presets: Mapping[str, str] = SUMMARIES,
) -> list[Row]:
    """All commands, those of keys first, in words that the terminal of the app can show.

    `unused` are the parameters that have no field, `bindings` the keys that have something to do now, `presets` are
    what each preset is.
    """
    keys = (*bindings, SUSPEND)
    found = [Row(command(key), app.get_key_display(key), key.action) for key in keys if key.description]
    found.append(Row(_("words: what those on the screen mean"), "", "manual('words')"))
    found += [
        Row(
            _("go to the field {name}: {help}").format(name=parameter.label, help=_(parameter.help)),
            "",
            f"edit('{name}')",
        )
        for name, parameter in PARAMETERS.items()
        if name not in unused and f"edit('{name}')" not in {each.result for each in found}
    ]
    found += [
        Row(_("start a twin: {twin}").format(twin=_(row.words)), "", f"twin_of('{name}')")
        for name, row in TWINS.items()
    ]
    found += [
        Row(_("preset {name}: {summary}").format(name=name, summary=summary), "", f"preset('{name}')")
        for name, summary in presets.items()
    ]
    found += [
        Row(
            _("theme {name}").format(name=name),
            "",
            f"theme('{name}')",
            _("dark night") if theme.dark else _("light bright"),
        )
        for name, theme in app.available_themes.items()
    ]
    found += [
        Row(labeled(NAMED, name), "", f"language('{code}')", f"{code} {_(LANGUAGES_TOLD[code])}")
        for code, name in LANGUAGES.items()
    ]
    found += [
        Row(_("save the {subject}: {about}").format(subject=_(row.name), about=_(row.about)), "", f"save('{name}')")
        for name, row in SUBJECTS.items()
    ]
    found.append(Row(_("save a screenshot"), "", "screenshot"))
    found += [Row(_(text), "", "", _(words)) for text, words in ELSEWHERE.items()]
    return [
        Row(spelled(app, words), spelled(app, lead), action, f"{also} {_synonyms(action)}")
        for words, lead, action, also in found
    ]


def _synonyms(action: str) -> str:
    return _(SYNONYMS.get(action) or SYNONYMS.get(action.partition("(")[0], ""))


def preset_rows(app: App[Any], presets: Presets) -> list[Row]:
    """The presets, the user's own below those of the program, and what is wrong with files that are none."""
    rows = [Row(spelled(app, summary), spelled(app, name), name) for name, summary in presets.summaries.items()]
    return [*rows, *(Row(spelled(app, fault), "", "") for fault in presets.faults)]


def data_rows(app: App[Any]) -> list[Row]:
    """The program's own files of samples, then those of the folder, each with its columns; last what cannot be used."""
    from quadfit_tui.core.model.samples.reader import columns_in
    from quadfit_tui.core.model.samples.sample_text import SampleFileError  # most runs have no file

    files = sample_files()
    rows, unread = [], []
    for name in (*example_names(), *files[:_MOST_FILES]):
        lead = spelled(app, shown_name(name))
        try:
            rows.append(Row(spelled(app, columns_told(columns_in(name))), lead, name))
        except SampleFileError as refused:
            unread.append(Row(spelled(app, str(refused)), lead, name))
    if not files:
        unread.append(Row(_("This folder has no data file. Allowed: CSV files."), "", ""))
    if files[_MOST_FILES:]:
        field = PARAMETERS["data"].label
        more = _("There are more files: type a name into the field {name}.").format(name=field)
        unread.append(Row(more, "", ""))
    return rows + unread


def columns_told(names: list[str]) -> str:
    """What is said of a file by the names of its columns."""
    shown = [shortened(name, _LONGEST_NAME) for name in names[:_MOST_COLUMNS]]
    if (more := len(names) - _MOST_COLUMNS) > 0:
        return _("columns {names} and {n} more").format(names=comma_separated(shown), n=more)
    return _("columns {names}").format(names=listed(shown))
