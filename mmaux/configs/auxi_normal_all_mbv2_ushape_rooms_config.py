globals().update(
    __import__("mmaux.configs").configs.text_config("auxi_normal_all_mbv2_ushape_rooms")
)
