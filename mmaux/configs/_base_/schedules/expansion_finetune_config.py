globals().update(
    __import__("mmaux.configs").configs.text_config("_base_/schedules/expansion_finetune")
)
