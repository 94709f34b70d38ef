"""One module for each kind of page: it chooses and counts, the template of the same name words and draws."""
