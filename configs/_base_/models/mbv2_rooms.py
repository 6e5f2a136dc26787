# The Baseline network for Rooms.
_base_ = ["./mbv2.py", "./rooms.py"]

model = {{_base_.rooms}}
