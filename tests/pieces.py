"""Sentences in pieces: texts of the program that no translator could put into another language as they are.

    python tests/pieces.py [FOLDER]

lists them: by file, line, text, and why. A translator sees one text at a time, and has to be able to say it in another
order of words: so a text is a whole one with named places, and what stands in a place is a number, a name or what
somebody typed, but no English.
"""

import ast
import re
import sys
from pathlib import Path

_WORD = re.compile(r"[A-Za-z]{2,}")
_BEGINS = re.compile(r"^(?: +|[;,:] )[(←→↑↓↕=]?(?! )")
_ENDS = re.compile(r"[A-Za-z.;,:)·] +$|[A-Za-z}][:;,] ?$")
# What stands between texts, and nothing else; what is no text, or comes before one in every language.
_BETWEEN = {": ", ", ", "; ", ". ", " (", ")", "): "}
_NO_TEXT = r"\b(NAME|__name__|number|line|count|account|places?(\[.*\])?)$"
# What gives no English: numbers, names, what somebody typed, paths.
PLAIN = frozenset({
    "abs", "ascii", "bin", "bool", "chr", "dict", "enumerate", "filter", "float", "format", "hex", "id", "int",
    "len", "list", "map", "max", "min", "next", "oct", "ord", "range", "repr", "round", "set", "sorted", "str",
    "sum", "tuple", "zip", "figure", "trimmed", "operand", "in_numbers", "short", "rounded_down", "rounded_up",
    "vector", "quoted", "shown_name", "printable", "shell_word", "moment", "value_text", "show", "show_number",
    "polynomial", "columns", "padded", "escaped", "json_text", "_place",
})  # fmt: skip

# What takes a name, or looks up a text of its own.
_NAMED = frozenset({"get", "column", "strftime", "_", "in_context", "counted_as"})

# What looks up texts, or notes them: of how many of its arguments.
_COLLECTED = {"_": 1, "noted": 1, "noted_in": 2, "in_context": 2, "counted_as": 2, "noted_counts": 2}

PACKAGE = Path(__file__).parents[1] / "quadfit_tui"
# What is wrong in a named place, too: there a list may stand that a language sets, and a text of its own.
TOLD_OF_PLACES = ("condition inside", "English inside a place")


def pieces(source, plain=PLAIN):
    """(line, text, why) of each text of a module that is a sentence in pieces."""
    tree = ast.parse(source)
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            part = isinstance(parents.get(node), ast.JoinedStr | ast.FormattedValue)
            if not part and not is_for_no_reader(node.value) and not _is_name(node, parents):
                note(found, node, node.value, fragments(node.value) + glued(node, parents))
        elif isinstance(node, ast.JoinedStr) and not isinstance(parents.get(node), ast.FormattedValue):
            text = written(node)
            note(found, node, text, punctuated(node))
            if is_for_no_reader(text):
                continue
            why = fragments(text) + glued(node, parents)
            if words(node):
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        why += in_place(part.value, plain)
            note(found, node, text, why)
        if isinstance(node, ast.Call) and _called(node) in _COLLECTED:
            note(found, node, ast.unparse(node), uncollected(node))
        if isinstance(node, ast.Call) and _called(node) in ("format", "counted_as"):
            for keyword in node.keywords:  # of a text with named places
                why = [each for each in in_place(keyword.value, plain) if each in TOLD_OF_PLACES]
                note(found, keyword.value, ast.unparse(keyword.value), why)
    return [(line, text, ", ".join(dict.fromkeys(why))) for (line, text), why in sorted(found.items())]


def punctuated(node):
    """Whether punctuation of English stands between two texts, as in `f"{title}: {told}"`: `labeled` has that of each
    language. Behind what is no text it is the same in all: the name of the program, a number, a place in a file."""
    is_between = [part.value in _BETWEEN for part in node.values if isinstance(part, ast.Constant)]
    texts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if len(texts) < 2 or not is_between or not all(is_between) or any(map(_is_no_text, texts)):
        return []
    return ["punctuation between texts"]


def _is_no_text(node):
    if isinstance(node, ast.Call):
        return _called(node) in PLAIN
    return re.search(_NO_TEXT, ast.unparse(node)) is not None


def uncollected(call):
    """Whether a text that is looked up is put together first, so that nobody could collect it for a translator."""
    texts = call.args[: _COLLECTED[_called(call)]]
    if _called(call) in ("counted_as", "noted_counts", "noted", "noted_in"):
        is_noted = isinstance(texts[0], ast.Starred)  # by noted_counts
        is_written = is_noted or all(isinstance(text, ast.Constant) for text in texts)
    else:  # it may be of a table
        inner = [part for text in texts for part in ast.walk(text) if part is not text]
        is_written = not any(isinstance(part, ast.Constant) and " " in str(part.value) for part in inner)
    return [] if is_written else ["not collected"]


def note(found, node, text, why):
    if why:
        found.setdefault((node.lineno, text), []).extend(why)


def _is_name(node, parents):
    """Whether a constant is a docstring, a key, a name, a pattern: nothing that anybody reads."""
    child, parent = node, parents.get(node)
    while isinstance(parent, ast.BinOp | ast.Tuple | ast.List | ast.Starred):
        child, parent = parent, parents.get(parent)
    if isinstance(parent, ast.Expr) or _is_for_a_sign(child, parent):
        return True
    if isinstance(parent, ast.Subscript | ast.Compare | ast.AnnAssign) and child is not getattr(parent, "value", None):
        return True
    if isinstance(parent, ast.Call):
        return _called(parent) in {
            "compile", "startswith", "endswith", "split", "rsplit", "partition", "rpartition", "replace", "strip",
            "lstrip", "rstrip", "removeprefix", "removesuffix", "find", "index", "join", "encode", "count", "sub",
            "match", "fullmatch", "search", "findall", "getattr", "hasattr", "strftime", "strptime", "frozenset",
            "maketrans", "fromkeys", "finditer", "TypeVar", "translate",
        }  # fmt: skip
    return False


def _is_for_a_sign(child, parent):
    """Whether a constant is what a table has for one character where there is but ASCII: `sqrt ` for √."""
    is_value = isinstance(parent, ast.Dict) and child in parent.values and isinstance(child, ast.Constant)
    if not is_value or (child.value[:1].isspace() and child.value[-1:].isspace()):
        return False
    key = parent.keys[parent.values.index(child)]
    return isinstance(key, ast.Constant) and isinstance(key.value, str) and len(key.value) == 1


def words(node):
    return any(isinstance(part, ast.Constant) and _WORD.search(part.value) for part in node.values)


def written(node):
    """An f-string as it stands in the source."""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value)
        else:
            parts.append("{" + ast.unparse(part.value) + (":…" if part.format_spec else "") + "}")
    return "".join(parts)


def is_for_no_reader(text):
    """Whether a text is markup, SQL, or of those that the library refuses with, in Python's words: these stay."""
    return ", got {" in text or re.search(r'[a-z-]="|</|^(CREATE|SELECT) |^file:', text) is not None


def fragments(text):
    bare = re.sub(r"\{[^{}]*\}|\\[a-z]+", "", text)  # nor what LaTeX has names for
    if not _WORD.search(bare) or "\n" in text or (" " not in text and re.fullmatch(r"\W*--?[a-z-]+.*", text)):
        return []
    why = []
    if _BEGINS.match(text):
        why.append("begins as a fragment")
    if _ENDS.search(text) and not text.endswith(("...", ". . .")) and text != text.rstrip():
        why.append("ends as a fragment")
    return why


def glued(node, parents):
    parent = parents.get(node)
    if not isinstance(parent, ast.BinOp) or not isinstance(parent.op, ast.Add):
        return []
    text = written(node) if isinstance(node, ast.JoinedStr) else node.value
    return ["+"] if _WORD.search(re.sub(r"\{[^{}]*\}", "", text)) and (" " in text.strip()) else []


def in_place(node, plain):
    why = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.IfExp):
            why.append("condition inside")
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and _is_english(inner, node):
            why.append("English inside a place")
        if isinstance(inner, ast.Call):
            name = _called(inner)
            if name in ("join", "either", "enumerated"):
                why.append("list joined")
            elif name == "counted":
                why.append("English inside a place")
            elif name in ("sub", "replace", "partition") or (isinstance(inner.func, ast.Name) and name not in plain):
                why.append("text from a function in a place")
    return why


def _is_english(constant, place):
    """Whether a constant in a place may be English that is seen: also that of a table, by its key."""
    if not _WORD.search(re.sub(r"\{[^{}]*\}|--[a-z-]+|\b[A-Z]+\b", "", constant.value)):  # nor `--data FILE`
        return False
    for inner in ast.walk(place):
        if isinstance(inner, ast.Compare) and constant in ast.walk(inner):
            return False
        if isinstance(inner, ast.Call) and constant in inner.args and _called(inner) in _NAMED:
            return False
    return True


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def pieces_in(folder):
    """(file, line, text, why) of those of all modules but the library's, which speaks to programs, in English."""
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(("library/", "sweeps/library.py", "testing.py")):
            yield from ((name, *found) for found in pieces(path.read_text(encoding="utf-8")))


def main():
    for name, line, text, why in pieces_in(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE):
        print(f"{name}:{line}\t{text}\t{why}")


if __name__ == "__main__":
    main()
