"""What is misspelled on the command line is refused with what may be meant: of every command, option and choice."""

import click
import pytest
from command_line import one_line

from quadfit_tui.cli.parsing.option_types import ParameterType
from quadfit_tui.core.config.value_types import Choice
from quadfit_tui.main import cli


def commands(command=cli, path=()):
    """All of them with the words that lead to them."""
    yield path, command
    for name, below in command.commands.items() if isinstance(command, click.Group) else ():
        yield from commands(below, (*path, name))


def long_names(command):
    return [name for param in command.params for name in param.opts if name.startswith("--")]


@pytest.mark.parametrize(("path", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands()])
def test_misspelled_words_get_suggestions(call, path, command):
    mistakes = [(path, name, "no such option") for name in long_names(command)]
    if isinstance(command, click.Group):
        mistakes += [(path, name, "no such command") for name in command.commands]
    for param in command.params:
        if isinstance(param.type, ParameterType) and isinstance(param.type.value_type, Choice):
            words = param.type.value_type.options
            mistakes += [((*path, param.opts[-1]), word, "is not one of the choices") for word in words]
    for before, word, problem in mistakes:
        code, out, err = call(*before, word + word[-1])
        assert (code, out) == (2, "")
        assert problem in one_line(err)
        assert f"(did you mean '{word}'?)" in err
