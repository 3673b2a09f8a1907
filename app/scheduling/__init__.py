"""Which runs start, when, and for how long: the queue, its limits and estimates, and what the operator counts."""
