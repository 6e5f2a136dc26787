globals().update(
    __import__("mmaux.configs").configs.text_config("prior_semseg_auxi_depth_mbv2_nyud")
)
