"""How many machines serve how many visitors: a queue that is simulated with service times measured here."""
