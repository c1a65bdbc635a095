"""Rows over time: Parquet segments, how they are written, and how they answer."""
