"""What is said of a sweep: its curves, its verdict, its description, table and picture."""
