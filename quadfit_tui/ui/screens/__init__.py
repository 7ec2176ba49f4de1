"""What opens over the main screen: pages of text, tables, lists to choose from. May import widgets and what is below
them. Begin with dialog.py.
"""
