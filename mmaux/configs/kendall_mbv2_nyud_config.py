globals().update(__import__("mmaux.configs").configs.text_config("kendall_mbv2_nyud"))
