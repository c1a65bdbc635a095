"""Cubes: images of detectors, epoch by epoch; knows slabs and planes, not instruments or other shapes."""
