"""The app. Imports nothing by itself, so that a part can be used alone.

The wings, from the lowest: display, terminal, tasks, fields and charts, views, widgets, screens; then the commands, and
app.py, where to begin.
"""
