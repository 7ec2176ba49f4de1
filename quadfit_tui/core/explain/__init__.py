"""The explanations: the manual, the formulas, and an update worked out with its own numbers.

Begin with worked_update.py. Others use `worked_update`, `pages` (manual.py) and `diagnosis_page` (diagnosis_page.py).
"""
