globals().update(__import__("mmaux.configs").configs.text_config("joint_all_mbv2_ushape_sunrgbd"))
