"""Turn registered Git repositories into a searchable static capability catalog."""
