"""Fields that somebody types into or chooses in, for the form, the prompt of g and the palette. May import terminal.
Begin with text_field.py.
"""
