"""The article's claims as experiments: guess, see it measured, and read what the numbers say. One file each."""
