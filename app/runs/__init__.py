"""What a run is while it lives and after: the fold of its events, with the history of its curves."""
