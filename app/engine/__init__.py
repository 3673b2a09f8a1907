"""Interchangeable ways to run the lanes of a race: in warm processes (`local`) or right here (`inline`)."""
