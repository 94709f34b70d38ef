"""Facts and findings in, one immutable Catalog out."""
