"""Figure specifications as plain values, and their rendering."""
