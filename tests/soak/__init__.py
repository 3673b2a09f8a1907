"""Random visitors on a real server for minutes, to see whether it holds ever more: `make soak MINUTES=10`."""
