"""A Catalog in, (path, bytes) out; nothing here writes."""
