"""The parameter form of the main screen, unfolded or as one row; it posts what is applied.

Begin with form.py. Others use Form from it.
"""
