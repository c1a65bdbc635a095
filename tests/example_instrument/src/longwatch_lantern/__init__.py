"""LANTERN, an imaginary night-sky camera, for Longwatch."""
