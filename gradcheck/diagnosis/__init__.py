"""What is wrong with a gradient: every hypothesis is a rewriting of the program that is right, compared exactly."""
