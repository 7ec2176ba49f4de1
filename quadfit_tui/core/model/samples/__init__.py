"""Samples in files: text of columns as people and programs write it.

May import array.py and piecewise.py of the model, and what is below the model. Begin with reader.py.
"""
