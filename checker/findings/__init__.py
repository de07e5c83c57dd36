"""A page for each violated claim: what happens, what repairs it, who can trigger it, and how to provoke it.

Whatever is said of the subject comes from the model's own docstrings, by the conventions of docstrings.py.
"""
