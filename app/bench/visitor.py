"""All that a benchmark starts and watches comes from one address: the server it measures takes it for one visitor."""

# By the names of the settings.
LIMITS = {
    "max_runs_per_visitor": 1_000,
    "starts_per_minute": 1_000_000,
    "max_viewers": 100_000,
    "max_viewers_per_visitor": 100_000,
}
