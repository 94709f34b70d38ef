"""The only place that touches the world: clock, files, processes, git, servers."""
