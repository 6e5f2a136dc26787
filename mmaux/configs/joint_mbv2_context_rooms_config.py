globals().update(__import__("mmaux.configs").configs.text_config("joint_mbv2_context_rooms"))
