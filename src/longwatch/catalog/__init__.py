"""The SQL catalogue: the only truth about what exists, and the only home of SQLAlchemy."""
