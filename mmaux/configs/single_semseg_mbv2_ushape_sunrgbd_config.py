globals().update(
    __import__("mmaux.configs").configs.text_config("single_semseg_mbv2_ushape_sunrgbd")
)
