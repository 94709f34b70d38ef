"""One function for each thing a person asks for; the only caller of edge."""
