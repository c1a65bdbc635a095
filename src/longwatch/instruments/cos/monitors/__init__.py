"""The COS monitors, one file each."""
