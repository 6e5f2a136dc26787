# The basic auxiliary module (section 3.2, equation 2) on MobileNetV2, a chain for every task.
#
# Auxiliary inputs: the outputs of layers 1, 2, 4 and 6, for "the output of each downsampling layer"
# (section 4.1). At output stride 8 only three layers really down-sample; the choice is ours. They are
# the backbone's also where the network has a neck, for the same sentence.
auxiliary = dict(
    type="mmaux.AuxiliaryModule",
    taps=("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
    in_channels=(24, 32, 96, 320),
    architecture=dict(adaptor="conv1x1", aggregation="sum"),
    channels=64,  # not in the paper
)
