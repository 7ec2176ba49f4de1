"""The diagnosis in sentences: in full for the page of i, in one line for the screen.

Begin with advice.py. Others use `advice` and `advised` from it, `one_line` (one_line.py) and `change` (changes.py).
"""
