"""The toolbox of the command line: output and exit codes, settings, language; its commands in commands/.

Begin with output/ and parsing/. Others use `print_error` (output/printing.py), `open_output` (output/output_file.py),
StatusLine (status_line.py), and the exit codes (exit_codes.py).
"""
