"""How options are read: the types of click's that they have, and what a shell completes of their values."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.user_folders import presets_folder
from quadfit_tui.core.config.own_presets import OwnPresetError, PresetCatalog
from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.config.value_types import Choice, FilePath, Flag, Language, ValueType
from quadfit_tui.core.config.view_names import REMOVED_VIEWS, VIEW_NAMES, about_removed
from quadfit_tui.core.files import virtual_files
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.core.text.quoting import did_you_mean, nearest, normalized, quoted, with_allowed, with_problem

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_SECONDS = {"s": 1, "m": 60, "h": 3600}
# Keys of a context's `meta`:
OWN_PRESET = f"{__name__}.own_preset"  # the user's own preset that --preset names
ABOUT_VIEWS = f"{__name__}.about_views"  # lines about removed views, by the names that were typed


class ParameterType(click.ParamType[Any]):
    """A type of click's options that parses and refuses texts as a ValueType of the parameter table does."""

    def __init__(self, value_type: ValueType) -> None:
        self.value_type = value_type
        self.name = "value"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  click's signature
        return self.value_type.placeholder

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            if isinstance(self.value_type, FilePath) and not str(value).strip():  # such as an unset shell variable
                raise ValueError(_("is not the name of a file"))
            return self.value_type.parse(value)
        except ValueError as reason:
            self.fail(ConfigError((), str(value), str(reason), self.value_type.allowed).problem, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Returns the words that a shell completes: of a choice all, of a file the bundled examples or the shell's."""
        from click.shell_completion import CompletionItem

        if isinstance(self.value_type, FilePath) and incomplete.startswith(virtual_files.EXAMPLE[:-1]):
            examples = [CompletionItem(name) for name in virtual_files.example_names() if name.startswith(incomplete)]
            return examples or FileName().shell_complete(ctx, param, incomplete)
        if isinstance(self.value_type, FilePath):
            return FileName().shell_complete(ctx, param, incomplete)
        words = self.value_type.options if isinstance(self.value_type, Choice | Flag | Language) else ()
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


class ViewType(ParameterType):
    """A type of options that name a view, and after a colon words of its options, which are parsed later."""

    def __init__(self) -> None:
        super().__init__(Choice(VIEW_NAMES))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name, colon, words = str(value).partition(":")
        removed = normalized(name).lower()
        if removed in REMOVED_VIEWS:
            name = REMOVED_VIEWS[removed]
            if ctx is not None:
                ctx.meta.setdefault(ABOUT_VIEWS, {})[removed] = about_removed(removed)
        return f"{super().convert(name, param, ctx)}{colon}{words}"


class PresetType(ParameterType):
    """A type of --preset: the name of a built-in preset, or of one of the user's own, whose file is then loaded."""

    def __init__(self) -> None:
        super().__init__(Choice(tuple(PRESETS)))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return str(self.value_type.parse(value))
        except ValueError as reason:
            why = str(reason)
        presets, name = PresetCatalog(presets_folder), str(value).strip()
        try:
            own = presets.find(name)
        except OwnPresetError as fault:
            problem = _("cannot be used: {problem}").format(problem=fault)
            self.fail(with_problem(quoted(name), problem), param, ctx)
        if own is None:
            names = presets.own_names
            why = why if nearest(name, PRESETS) else did_you_mean(why, name, names)
            template = _("{names}, or one of your own: {own}") if names else _("{names}, or one of your own")
            allowed = template.format(names=self.value_type.allowed, own=comma_separated(names))
            self.fail(with_allowed(with_problem(quoted(name), why), allowed), param, ctx)
        if ctx is not None:
            ctx.meta[OWN_PRESET] = own
        return name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        from click.shell_completion import CompletionItem

        helps = PresetCatalog().summaries | dict.fromkeys(PresetCatalog(presets_folder).own_names, _("one of your own"))
        return [CompletionItem(name, help=about) for name, about in helps.items() if name.startswith(incomplete)]


class Duration:
    """A ValueType of durations in seconds, written with a unit (90s, 15m, 2h), or as `never` (infinity)."""

    placeholder = "TIME"

    @property
    def allowed(self) -> str:
        return _("a number of seconds, minutes or hours, such as 90s, 15m or 2h; or never")

    def parse(self, raw: object) -> float:
        text = str(raw).strip().lower()
        if text == "never":
            return math.inf
        match = re.fullmatch(r"([0-9]{1,6})\s*([smh])", text)
        if match is None:
            raise ValueError(_("is not a time"))
        seconds = int(match[1]) * _SECONDS[match[2]]
        if not seconds:
            raise ValueError(_("is too small"))
        return float(seconds)

    def show(self, value: float) -> str:
        return "never" if value == math.inf else f"{value:.0f}s"


class FileName(click.File):
    """A type of options that name a file: returns the name as typed, opens nothing; a shell completes it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """Returns the name unchanged, where click's own type would open the file."""
        return value
