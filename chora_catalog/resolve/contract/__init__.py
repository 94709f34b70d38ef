"""What changed between two contracts, and what that means for those who rely on the old one.

An input may come to ask for less, an output may come to promise more; the other way round breaks. What the rules do not
know is undecided, never compatible. Each rule has an id, a page and a mirror: the rule that speaks when old and new
change places.
"""
