globals().update(__import__("mmaux.configs").configs.text_config("single_scene_mbv2_rooms"))
