"""How the outside sees runs: HTML pages, JSON commands, and one websocket for each viewer."""
