"""The screen as cells, and the fewest bytes that bring a terminal from what it shows to what it should show.

Begin with screen_buffer.py. Others use ScreenBuffer and Capabilities (capabilities.py), which says what a terminal can
show.
"""
