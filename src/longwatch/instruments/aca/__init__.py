"""Chandra/ACA: the aspect camera's image telemetry and housekeeping."""
