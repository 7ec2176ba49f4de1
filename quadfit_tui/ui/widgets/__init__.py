"""The parts of the main screen beside the form, each of which shows what it is told and posts messages. May import
views, charts, fields, tasks and terminal. Begin with chart_view.py.
"""
