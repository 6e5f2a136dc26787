# ResNet-50 with self-attention decoders for Rooms.
_base_ = ["./r50_ocnet.py", "./rooms.py"]

model = {{_base_.rooms}}
