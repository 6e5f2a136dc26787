globals().update(__import__("mmaux.configs").configs.text_config("joint_all_scene_mbv2_rooms"))
