"""The configuration of a run: the table of its parameters, their types, presets, TOML files.

Begin with parameters.py. Others use RunConfig, PARAMETERS and ConfigError from it, and PRESETS (presets.py).
"""
