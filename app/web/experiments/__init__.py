"""Experiments over HTTP: their routes, and what their pages are made from."""
