"""FITS as bytes: header cards, checksums, image offsets, tables as arrays, and files that lie about themselves.

Owns everything that is particular to FITS (1-based axes, big-endian, 2880). Must not know what the numbers mean.
"""
