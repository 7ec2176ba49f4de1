"""Names of the program: one class a name, docstrings with a subject, and fewer words that are no names."""

import ast
from collections import defaultdict
from pathlib import Path

from quadfit_tui import __path__ as package

# How often each still names something: less is better, and more is a step back. Most are locals of one function.
MOST = {"said": 11, "found": 5, "told": 3, "each": 1, "held": 0}


def trees():
    for file in sorted(Path(package[0]).rglob("*.py")):
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def bound_names(tree):
    """The names that a module gives to something, without the underscore of private ones."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name.lstrip("_")
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name.lstrip("_")


def test_class_name_stands_once():
    places = defaultdict(list)
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(f"{file}:{node.lineno}")
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_docstring_begins_with_the_same():
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
    texts = [
        (file, ast.get_docstring(node) or "")
        for file, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]
    assert [str(file) for file, text in texts if text.startswith("The same")] == []


def test_words_that_are_no_names_become_fewer():
    counts = dict.fromkeys(MOST, 0)
    for _file, tree in trees():
        for name in bound_names(tree):
            if name in counts:
                counts[name] += 1
    assert {word: count for word, count in counts.items() if count > MOST[word]} == {}
