globals().update(__import__("mmaux.configs").configs.text_config("deep_depth_mbv2_rooms"))
