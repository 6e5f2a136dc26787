globals().update(
    __import__("mmaux.configs").configs.text_config("auxi_both_concat_mbv2_context_rooms")
)
