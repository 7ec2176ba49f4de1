"""The screen as cells, and the fewest bytes that turn what a terminal shows into what it is to show, in its colors.

May import core and Textual. Begin with screen_buffer.py; capabilities.py tells what a terminal can show.
"""
