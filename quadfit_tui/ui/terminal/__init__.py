"""The terminal: what it can show, what it is sent and when, its keys, its end, and the signals about all that."""
