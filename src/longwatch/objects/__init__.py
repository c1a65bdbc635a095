"""Immutable bytes under a hash, in a folder or a bucket."""
