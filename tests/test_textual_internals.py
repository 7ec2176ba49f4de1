"""Textual's private names: those that the app uses are there, and stand in one module.

Not in tests/ui, where nothing can even be imported with a Textual that lacks one of them.
"""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from functools import cache
from pathlib import Path
from typing import NamedTuple

import textual
from textual.app import App

ROOT = Path(__file__).parents[1] / "quadfit_tui"
MODULE = "ui/toolkit/textual_internals.py"
# The names that are used there, and what the app does by them.
PURPOSES = {
    "textual._ansi_sequences:ANSI_SEQUENCES_KEYS": "tell function keys from sequences that no key sends",
    "textual._keyboard_protocol:FUNCTIONAL_KEYS": "tell function keys from sequences that no key sends",
    "textual._compositor:CompositorUpdate": "take a frame from Textual",
    "textual._compositor:LayoutUpdate": "take a frame of the whole screen",
    "textual._compositor:ChopsUpdate": "take a frame of parts of the screen",
    "textual._compositor:Compositor": "render only what has changed",
    "textual._compositor:Compositor._dirty_regions": "know what has changed",
    "textual._compositor:Compositor._full_map_invalidated": "arrange nothing twice",
    "textual._compositor:ReflowResult": "arrange nothing twice",
    "textual._compositor:Compositor._get_renders": "render only what has changed",
    "textual.screen:Screen._compositor": "have its own compositor, and save what is on the screen",
    "textual.screen:Screen._screen_resized": "lay out nothing for a size that it has",
    "textual.screen:Screen._layout_required": "send no half of a layout",
    "textual.screen:Screen._dirty_widgets": "send no half of a layout",
    "textual._styles_cache:StylesCache": "keep no widget's lines when it has gone",
    "textual.app:App._prune": "keep no widget's lines when it has gone",
    "textual._context:visible_screen_stack": "save what is on the screen",
    "textual.app:App._background_screens": "save what is on the screen",
    "textual._xterm_parser:XTermParser": "read keys and the mouse",
    "textual._xterm_parser:XTermParser._sequence_to_key_events": "read keys",
    "textual._xterm_parser:XTermParser.parse_mouse_code": "read the mouse",
    "textual.app:App._display": "send only what has changed, at the rate of the link",
    "textual.app:App._update_mouse_over": "have the mouse count for what the last frame showed",
    "textual.app:App._batch_count": "send nothing amid changes that belong together",
    "textual.app:App._exception": "report what ended it",
    "textual.app:App._exit": "tell what failed from what was not opened any more",
    "textual.app:App._handle_exception": "tell what failed from what was not opened any more",
    "textual.app:App._fatal_error": "print no traceback over the screen",
    "textual.screen:Screen._clear_tooltip": "take a tooltip away by a key",
    "textual.dom:DOMNode._bindings": "run keys in the order in which they were typed, and give a page keys of its own",
    "rich._wrap:divide_line": "part lines of Chinese beside its characters",
    "textual.widget:Widget._get_style": "draw single lines of the header",
}


def missing():
    """What is not there any more, in words."""
    return [
        f"Textual {textual.__version__} has no {name.partition(':')[2]} any more: the app uses it to {purpose}"
        for name, purpose in PURPOSES.items()
        if not _is_there(name)
    ]


def _is_there(name):
    module, _, path = name.partition(":")
    owner, _, attribute = path.partition(".")
    try:
        found = getattr(importlib.import_module(module), owner)
    except (ImportError, AttributeError):
        return False
    return not attribute or hasattr(found, attribute) or hasattr(found(), attribute)


def test_they_are_there():
    assert missing() == []


def test_missing_name_is_reported_with_purpose(monkeypatch):
    monkeypatch.delattr(App, "_display")
    assert missing() == [
        f"Textual {textual.__version__} has no App._display any more: "
        "the app uses it to send only what has changed, at the rate of the link"
    ]


def test_they_are_those_of_the_module():
    names = _names(ast.parse((ROOT / MODULE).read_text()))
    used = {*names.imported, *filter(_is_private, names.attributes | names.defined)} - {"_changed"}
    assert used | {"parse_mouse_code"} == {name.replace(":", ".").rpartition(".")[2] for name in PURPOSES}


def test_no_other_module_uses_one():
    others = {path.relative_to(ROOT): _names(ast.parse(path.read_text())) for path in ROOT.rglob("*.py")}
    del others[Path(MODULE)]
    own = {"_replace", "_asdict", "_exit"}.union(*(names.defined for names in others.values()))
    for path, names in others.items():
        found = {*names.imported, *filter(_is_private, names.attributes)} - own
        assert not found, f"{path} uses {', '.join(found)}: what is private is to stand in {MODULE}"


def test_no_class_shares_one_with_textual():
    """Neither on purpose nor by chance, by which it would take away what Textual keeps there."""
    for ours in _widgets():
        theirs = {name for each in ours.__mro__ if _is_textual(each) for name in _private_of(each)}
        names = _names_of(ours)
        shared = (names.attributes | names.defined) & theirs
        assert not shared, f"{ours.__name__} has {', '.join(shared)}, which Textual has, too"


class _Names(NamedTuple):
    """The names in a part of a program."""

    imported: set[str]  # from a private module of another package, or private
    attributes: set[str]  # of anything
    defined: set[str]  # as attributes of objects or classes


def _names(tree):
    names = _Names(set(), set(), set())
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)) if not module.startswith(("quadfit_tui", "__future")):
                is_private = any(map(_is_private, module.split(".")))
                names.imported.update(each.name for each in node.names if is_private or _is_private(each.name))
            case ast.Attribute():
                names.attributes.add(node.attr)
                if isinstance(node.ctx, ast.Store):
                    names.defined.add(node.attr)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names.defined.add(node.name)
            case ast.ClassDef():
                names.defined.update(each.target.id for each in node.body if isinstance(each, ast.AnnAssign))
                assigned = [each.targets for each in node.body if isinstance(each, ast.Assign)]
                names.defined.update(target.id for targets in assigned for target in targets)
    return names


def _is_private(name):
    return name.startswith("_") and not name.startswith("__")


def _widgets():
    """The classes of the app that are made of Textual's, but for those of the module."""
    for module in pkgutil.walk_packages([str(ROOT / "ui")], "quadfit_tui.ui."):
        for each in vars(importlib.import_module(module.name)).values():
            is_own = inspect.isclass(each) and each.__module__ == module.name
            if is_own and any(map(_is_textual, each.__mro__)) and not inspect.getfile(each).endswith(MODULE):
                yield each


def _is_textual(each):
    return each.__module__.split(".")[0] == "textual"


@cache
def _private_of(each):
    """The private names of a class of Textual's."""
    return {*filter(_is_private, {*vars(each)} | _names_of(each).defined)}


@cache
def _names_of(each):
    return _names(ast.parse(textwrap.dedent(inspect.getsource(each))))
