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
    """Completion that repeats the option in its answers: most shells see --preset=mom as one word and replace it."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        items = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if option.startswith("-") and equals:
            for item in items:
                item.value = f"{option}={item.value}"
        return items


class _Fish(_OfWholeWords, FishComplete):
    """Completion in fish that keeps help after a comma and the order of the items, unlike click's script."""

    source_template = (FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')).replace(
        "complete --no-files", "complete --keep-order --no-files"
    )


class _Bash(_OfWholeWords, BashComplete):
    """Completion in bash, which splits words at `=` and `:` unless its user took these out of COMP_WORDBREAKS."""

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
        """Returns the items without the parts of the word that bash split off, as it replaces only the last part."""
        items = super().get_completions(args, incomplete)
        _, last = super().get_completion_args()
        before = incomplete if last == ":" else incomplete.removesuffix(last)
        for item in items:
            item.value = item.value.removeprefix(before)
        return items


class _Zsh(_OfWholeWords, ZshComplete):
    """Completion in zsh that looks for files by the text after the `=` of an option."""

    source_template = ZshComplete.source_template.replace("_path_files -f", "compset -P 1 '-*='; _path_files -f")


def complete_options_with_values() -> None:
    """Registers these completion classes with click; called before click answers a shell."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
