"""Sweeps: thousands of runs that differ in some parameters. May import export and what is below it; no screen."""
