"""The toolbox of the command line: output and exit codes, settings, language; its commands in commands/.

Begin with output/printing.py; parsing/ has the options. Others use `print_error` from it, `open_output` (output_file.py),
StatusLine (status_line.py), and the exit codes (exit_codes.py).
"""
