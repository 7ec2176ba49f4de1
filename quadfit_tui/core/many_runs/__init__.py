"""Many runs of the same samples at once, to the last bit as each is alone. May import training and what is below it."""
