globals().update(__import__("mmaux.configs").configs.text_config("deep_semseg_mbv2_rooms"))
