"""The instruments in the box; each is a plug-in like any other, and none knows another."""
