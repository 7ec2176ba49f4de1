"""The parts of the main screen beside the form: each shows what it is given, and posts messages.

Begin with chart_view.py. The app uses Panes, LogView, Scrubber, KeyBar, Header, MessageRow, ViewBar and RunList.
"""
