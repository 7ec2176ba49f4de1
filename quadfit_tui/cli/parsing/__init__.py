"""What is typed: options, their values, help, completion."""
