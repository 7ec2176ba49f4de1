"""The configuration of a run: the table of its parameters, their types, presets, TOML files.

May import files, methods and text. Begin with parameters.py.
"""
