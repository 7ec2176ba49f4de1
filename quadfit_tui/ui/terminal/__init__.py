"""The terminal: what it can show, what it is sent and when, its keys, signals about it, and its end. May import core
and Textual. Begin with driver.py.
"""
