"""What is watched of HST/STIS, one question a file."""
