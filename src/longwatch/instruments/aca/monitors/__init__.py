"""What is watched of Chandra/ACA, one question a file."""
