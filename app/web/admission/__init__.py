"""Who may ask this server for what: visitors and their shares, keys, origins, limits of requests, error answers."""
