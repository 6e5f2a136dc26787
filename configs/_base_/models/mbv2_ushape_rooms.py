# The U-shape network for Rooms.
_base_ = ["./mbv2_ushape.py", "./rooms.py"]

model = {{_base_.rooms}}
