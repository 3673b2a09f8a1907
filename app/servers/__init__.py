"""Several web servers on one database: which of them leads, and what the others ask of it."""
