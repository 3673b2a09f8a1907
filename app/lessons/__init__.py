"""A question to a class: who has voted for what, and what came out."""
