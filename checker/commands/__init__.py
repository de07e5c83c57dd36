"""Commands with a file of their own; each offers a function that returns the click command."""
