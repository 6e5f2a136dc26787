globals().update(__import__("mmaux.configs").configs.text_config("joint_scene_mbv2_rooms"))
