"""Monitors: window, run, judge, schedule, freshness."""
