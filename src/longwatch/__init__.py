"""Longwatch: the archive and the long watch over telescope detectors."""
