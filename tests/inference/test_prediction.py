from types import SimpleNamespace

import numpy as np

from mmaux.deploy.export_metadata import ExportedOutput
from mmaux.inference.prediction import Prediction


def test_an_exported_scene_is_one_number_and_no_map() -> None:
    outputs = (
        ExportedOutput("scene", 4, "scene id", None),
        ExportedOutput("depth", 1, "metre", None),
    )
    arrays = {
        "scene": np.array([[[3]]]),
        "depth": np.array([[[1.0, 2.0]]], np.float32),
    }
    prediction = Prediction.of_export(
        SimpleNamespace(metadata=SimpleNamespace(outputs=outputs)),
        arrays,
        name="a",
        image=np.zeros((1, 2, 3), np.uint8),
    )
    assert np.ndim(prediction.maps["scene"]) == 0
    assert prediction.maps["scene"] == 3
    assert prediction.maps["depth"].tolist() == [[1.0, 2.0]]
    assert set(prediction.fields) == {"pred_depth_map"}
