"""What a run is configured by: the table of parameters, their types, presets, TOML files. May import files, methods
and text. Begin with parameters.py.
"""
