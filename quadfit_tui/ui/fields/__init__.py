"""Fields that somebody types into or chooses in, for the form, the prompt of g and the palette. May import display
and Textual. Begin with text_field.py.
"""
