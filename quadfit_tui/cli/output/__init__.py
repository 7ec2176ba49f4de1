"""The output of commands: what they print, the file of --output, and its format.

Begin with printing.py; output_file.py opens the file, output_format.py chooses what is written into it.
"""
