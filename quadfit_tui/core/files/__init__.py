"""Opening and writing a user's files, confined where that is asked for. May import text.

Begin with access.py, the only place that opens a file.
"""
