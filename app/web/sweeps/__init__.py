"""The routes to sweeps: start one, look at it, stop it, follow it, have its numbers as files."""
