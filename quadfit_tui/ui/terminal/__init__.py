"""The terminal: what it is sent and when, its keys, signals about it, and its end. May import display and Textual.
Begin with driver.py.
"""
