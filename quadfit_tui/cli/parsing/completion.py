"""How shells complete: as click has it, but for what it gets wrong, such as --preset=mom and example:pontius."""

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
    """Click's script leaves out what stands behind a comma, and has what is offered in alphabetical order."""

    source_template = (FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')).replace(
        "complete --no-files", "complete --keep-order --no-files"
    )


class _Bash(_OfWholeWords, BashComplete):
    """Bash parts words at `=` and `:`, unless its user has taken these from COMP_WORDBREAKS."""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        words: list[str] = []
        for word in args:
            if words and (word == ":" or words[-1].endswith(":")):
                words[-1] += word
            elif word != "=" or not words or not words[-1].startswith("-"):
                words.append(word)
        if words and (incomplete == ":" or words[-1].endswith(":")):
            incomplete = words.pop() + incomplete
        return words, incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """Of a word that bash has parted, what comes in the place of the last part."""
        items = super().get_completions(args, incomplete)
        _, last = super().get_completion_args()
        before = incomplete if last == ":" else incomplete.removesuffix(last)
        for item in items:
            item.value = item.value.removeprefix(before)
        return items


class _Zsh(_OfWholeWords, ZshComplete):
    """Zsh looks for files itself: those whose names begin as what stands behind the `=`."""

    source_template = ZshComplete.source_template.replace("_path_files -f", "compset -P 1 '-*='; _path_files -f")


def complete_options_with_values() -> None:
    """Has click use these classes."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
