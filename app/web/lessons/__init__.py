"""Lessons over HTTP: their routes, and the page that phones and the projector open."""
