"""Charts and pages of text as rows of colored characters, drawn from plain data; without Textual.

Begin with spec.py, what there is to draw, then render.py. Others use ChartSpec, Series, Role and TextPage (spec.py),
and `draw` (render.py).
"""
