"""A question to a class: its votes, and the answer once it is revealed."""
