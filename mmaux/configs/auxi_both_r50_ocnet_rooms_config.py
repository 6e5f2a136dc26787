globals().update(__import__("mmaux.configs").configs.text_config("auxi_both_r50_ocnet_rooms"))
