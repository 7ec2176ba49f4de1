"""Text as the program writes it: numbers, quoted values, translations, documents, ASCII, widths in columns.

Begin with numbers.py. Others use `_`, `N_` and `ngettext` (language.py), `format_short` (numbers.py), `quoted`
(quoting.py) and `cell_width` (width.py).
"""
