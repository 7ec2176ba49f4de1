"""The parameter form of the main screen, which posts what is applied. May import fields and terminal. Begin with
form.py.
"""
