globals().update(__import__("mmaux.configs").configs.text_config("joint_r50_ocnet_rooms"))
