"""Verdicts by property and design: what `check matrix`, `compare` and `bisect` are made of."""
