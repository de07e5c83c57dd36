"""Engines: each explores every reachable state of a world, in its own way."""
