globals().update(
    __import__("mmaux.configs").configs.text_config("search/auxi_search_all_mbv2_rooms")
)
