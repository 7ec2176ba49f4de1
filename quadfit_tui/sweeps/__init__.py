"""Sweeps, an annex: thousands of runs that differ in some parameters, a row of a table for each.

Begin with space.py, the cells of a sweep, then work.py, rows.py and sweep_file.py. engines/ trains, pictures/ draws,
cli/ has the command, ui/ the screen, library.py what `import quadfit_tui` gives.
"""
