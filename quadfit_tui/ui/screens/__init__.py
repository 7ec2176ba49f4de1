"""The pages and lists that open over the main screen: help, manual, diagnosis, runs, twins.

Begin with dialog.py, the base of all. Others use TextScreen (text_screen.py), ListScreen (list_screen.py) and
OptionsList (options_list.py).
"""
