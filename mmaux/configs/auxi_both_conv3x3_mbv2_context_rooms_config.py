globals().update(
    __import__("mmaux.configs").configs.text_config("auxi_both_conv3x3_mbv2_context_rooms")
)
