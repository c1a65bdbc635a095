"""The command line: what a notebook calls, said in words."""
