globals().update(__import__("mmaux.configs").configs.text_config("auxi_both_mbv2_ushape_rooms"))
