"""Keeping what is stored sound: verify, doctor, backup and restore; knows no format and no instrument."""
