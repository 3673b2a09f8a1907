"""A run as it goes on: one websocket a viewer, what all of them are sent, and the same by plain HTTP."""
