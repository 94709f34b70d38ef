"""Models in, facts out: who depends on whom, what fits, what breaks, how old things are."""
