"""The nouns: frozen dataclasses that need the standard library alone."""
