"""Fields in which users type or choose: for the form, the prompts and the palette.

Begin with text_field.py. Others use TextField and `typed_within` from it, ChoiceField (choice_field.py), FilePrompt
(file_prompt.py) and `mount_late` (late.py).
"""
