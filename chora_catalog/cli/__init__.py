"""Words, options and exit codes; click and rich live here alone."""
