"""Frozen values and pure functions over them; knows no file, SQL, network or clock."""
