"""Changes to the steps of a model, one at a time, and which properties notice them."""
