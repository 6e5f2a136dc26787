globals().update(__import__("mmaux.configs").configs.text_config("_base_/datasets/rooms_scene"))
