"""Test kits anyone may run against an own implementation."""
