"""The switches of model/design.py, one file per subject."""
