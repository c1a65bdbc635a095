"""What a plug-in hands over, and what a store promises; knows no implementation."""
