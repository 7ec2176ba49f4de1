"""How shells complete: as click has it, but for options written with `=`, such as --preset=mom, which it gets wrong."""

from __future__ import annotations

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


class _OfWholeWords(ShellComplete):
    """To most shells --preset=mom is one word: what they are told has the option, too, or else it would be lost."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        items = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if option.startswith("-") and equals:
            for item in items:
                item.value = f"{option}={item.value}"
        return items


class _Fish(_OfWholeWords, FishComplete):
    pass


class _Bash(_OfWholeWords, BashComplete):
    """Bash parts words at `=`, unless its user has taken that from COMP_WORDBREAKS."""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        before = ["", *args]
        return [arg for at, arg in enumerate(args) if arg != "=" or not before[at].startswith("-")], incomplete


class _Zsh(_OfWholeWords, ZshComplete):
    """Zsh looks for files itself: those whose names begin as what stands behind the `=`."""

    source_template = ZshComplete.source_template.replace("_path_files -f", "compset -P 1 '-*='; _path_files -f")


def complete_options_with_values() -> None:
    """Has click use these classes."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
