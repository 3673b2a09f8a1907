"""What the long trials (`make soak` and its siblings) share: a real server that can be looked into, and a verdict."""
