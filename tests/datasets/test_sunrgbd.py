import pytest

from mmaux.datasets import SUNRGBDDataset, SUNRGBDDataset13


@pytest.mark.parametrize(("kind", "count"), [(SUNRGBDDataset, 37), (SUNRGBDDataset13, 13)])
def test_a_missing_folder_says_how_to_convert(tmp_path, kind, count) -> None:
    message = rf"nowhere: no such folder.*converters/sunrgbd\.py .*--classes {count} --out"
    with pytest.raises(FileNotFoundError, match=message):
        kind(targets=("depth",), data_root=str(tmp_path / "nowhere"))
    assert len(kind.METAINFO["classes"]) == len(kind.METAINFO["palette"]) == count
