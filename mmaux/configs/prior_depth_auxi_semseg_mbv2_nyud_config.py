globals().update(
    __import__("mmaux.configs").configs.text_config("prior_depth_auxi_semseg_mbv2_nyud")
)
