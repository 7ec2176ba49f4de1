"""The reader of lesson files: front matter, Markdown, notation, and all faults with their lines.

Begin with notation.py. Others use `read_lesson` from it, and NotationError (notation_error.py).
"""
