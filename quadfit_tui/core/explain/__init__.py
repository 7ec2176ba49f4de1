"""The explanations: the manual, the formulas, and an update worked out with its own numbers.

May import diagnosis and what is below it. Begin with worked_update.py.
"""
