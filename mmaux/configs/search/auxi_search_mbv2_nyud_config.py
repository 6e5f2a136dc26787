globals().update(__import__("mmaux.configs").configs.text_config("search/auxi_search_mbv2_nyud"))
