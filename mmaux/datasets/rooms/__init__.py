"""Indoor scenes made by a program: an image and exact labels, depth and normals of each.

The world has its floor in the plane z = 0, z up, the room from (0, 0) to (width, depth), metres.
Every function that chooses takes a NumPy generator, so that a seed says all.
"""
