"""Parsing the command line: options made from the parameters, their values, help, completion.

Begin with options.py. Others use `configuration` and `refuse` from it, ParameterType and FileName (option_types.py),
and GroupedHelpCommand (help.py).
"""
