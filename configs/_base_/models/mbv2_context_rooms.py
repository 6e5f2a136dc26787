# The Context network for Rooms.
_base_ = ["./mbv2_context.py", "./rooms.py"]

model = {{_base_.rooms}}
