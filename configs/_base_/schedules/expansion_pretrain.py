# First of two parts: 40k iterations on NYUD-v2-expansion (section 4.1), laid over a config for
# NYUD-v2 by mmaux.experiments.apply_schedule.
_base_ = ["./nyudexp_40k.py"]

train_dataloader = dict(
    dataset=dict(type="mmaux.NYUv2ExpansionDataset", data_root="data/nyudexp", ann_file="")
)
