# Rooms, rendered by tools/dataset_converters/rooms.py: 13 classes and depth at 240x320. Random
# resize, a crop of the images' own size, random flip.
_base_ = ["./nyud.py"]

dataset_type = "mmaux.RoomsDataset"
data_root = "data/rooms"
crop_size = (240, 320)

train_pipeline = [
    dict(type="mmaux.LoadImageFromFile"),
    dict(type="mmaux.LoadTargets"),
    dict(
        type="mmcv.RandomResize",
        resize_type="mmaux.Resize",
        scale=(320, 240),
        ratio_range=(0.75, 1.75),
        keep_ratio=True,
    ),
    dict(type="mmaux.RandomCrop", crop_size=crop_size),
    dict(type="mmaux.RandomFlip", prob=0.5),
    dict(type="mmaux.PackMultiTaskInputs"),
]

train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    dataset=dict(type=dataset_type, data_root=data_root, pipeline=train_pipeline),
)
val_dataloader = dict(num_workers=2, dataset=dict(type=dataset_type, data_root=data_root))
test_dataloader = val_dataloader
