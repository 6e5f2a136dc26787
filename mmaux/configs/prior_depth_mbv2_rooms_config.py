globals().update(__import__("mmaux.configs").configs.text_config("prior_depth_mbv2_rooms"))
