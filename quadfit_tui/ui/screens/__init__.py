"""The main screen and what opens over it: pages of text, tables, lists to choose from. May import widgets and what is
below them. Begin with main.py.
"""
