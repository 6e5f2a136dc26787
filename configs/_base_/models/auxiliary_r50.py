# The basic auxiliary module on ResNet-50. The paper reads "the output of each residual block"
# (section 4.1); these are the outputs of the four stages, a choice of ours.
_base_ = ["./auxiliary_mbv2.py"]

auxiliary = dict(in_channels=(256, 512, 1024, 2048))
