globals().update(
    __import__("mmaux.configs").configs.text_config("auxi_depth_conv3x3_mbv2_context_rooms")
)
