"""One file for each manifest format; each maps to the canonical model."""
