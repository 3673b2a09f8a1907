"""What is said of a run: its story, result, tables, pictures and command line. Pure: no sockets, no disk."""
