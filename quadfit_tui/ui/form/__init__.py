"""The parameter form of the main screen, unfolded or as one row.

Begin with form.py. Others use Form from it.
"""
