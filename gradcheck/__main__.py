"""`python -m gradcheck`, the same as `gradcheck`."""

from gradcheck.cli import main

main(prog_name="gradcheck")
