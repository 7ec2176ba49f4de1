"""The toolbox of the command line: output and exit codes, settings, language; its commands in commands/.

Begin with output.py; parsing/ has the options. Others use `print_error` and `open_output` (output.py), and StatusLine
(status_line.py).
"""
