"""Generated input for all that strangers and damaged files can bring, to see whether anything breaks: `make fuzz`."""
