globals().update(__import__("mmaux.configs").configs.text_config("single_depth_r50_ocnet_rooms"))
