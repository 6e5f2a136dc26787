globals().update(
    __import__("mmaux.configs").configs.text_config("auxi_nas_all_mbv2_ushape_sunrgbd")
)
