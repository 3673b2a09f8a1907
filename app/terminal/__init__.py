"""Races and sweeps in a terminal."""
