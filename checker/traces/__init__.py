"""A counterexample: what happened step by step, and how it is written down."""
