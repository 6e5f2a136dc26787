globals().update(__import__("mmaux.configs").configs.text_config("auxi_all_alternation_mbv2_rooms"))
