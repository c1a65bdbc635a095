"""Alembic's migrations of the catalogue; one file a revision, never edited after a release."""
