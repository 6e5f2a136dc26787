# Deep supervision on rendered rooms, DS_2: a depth loss on each auxiliary input, scale 0.1.
_base_ = ["./deep_semseg_mbv2_rooms.py"]

model = dict(auxiliary=dict(tasks=("depth",)))
