"""Charts and pages as rows of colored characters, drawn from plain data. May import core; knows no Textual.

Begin with spec.py, what there is to draw, then render.py.
"""
