"""A model checker: the tool. It knows nothing of any particular model."""
