"""Bytes in, documents with positions and models out; bad input is a result, never an exception."""
