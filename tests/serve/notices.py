"""What a server says on standard error, but for the note that root gets, who runs some of these tests."""

_TO_ROOT = "serve under the account of the teacher", "在教师的账号下提供服务"


def is_to_root(line):
    """Whether a line is that note, in any language."""
    return any(words in line for words in _TO_ROOT)


def without_root(text):
    """Returns a text without the lines to root."""
    return "".join(line for line in text.splitlines(keepends=True) if not is_to_root(line))
