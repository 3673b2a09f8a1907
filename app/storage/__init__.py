"""Runs on disk: tables in SQLite or PostgreSQL, the one thread that writes them, copies and single files of them."""
