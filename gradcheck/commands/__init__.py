"""One command a file. Nothing heavy is imported until a command needs it."""
