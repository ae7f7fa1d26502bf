"""How long a call of a target may take, and how much memory a target may ask for, unless the user says otherwise."""

SECONDS = 20.0
GIB = 4.0
