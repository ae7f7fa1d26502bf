"""The layers of a user: found, run, and watched. Whatever framework, a run gives the same plain facts."""
