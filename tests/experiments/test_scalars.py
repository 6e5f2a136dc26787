from mmaux.experiments.scalars import Series, last_step, read_scalars


def log(folder, start, *lines):
    file = folder / start / "vis_data" / "scalars.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines))


def test_the_later_start_counts_and_a_cut_line_does_not(tmp_path):
    log(
        tmp_path,
        "20260101_100000",
        '{"loss": 4.0, "step": 10}',
        '{"loss": 3.0, "step": 20}',
        '{"loss": 2.0, "st',
    )
    log(
        tmp_path,
        "20260101_110000",
        '{"loss": 2.5, "step": 20}',
        '{"loss": 1.5, "depth.loss": 1, "step": 30}',
        '{"semseg/mIoU": 12.5, "step": 30}',
    )
    assert read_scalars(tmp_path) == {
        "loss": Series((10, 20, 30), (4.0, 2.5, 1.5)),
        "depth.loss": Series((30,), (1.0,)),
        "semseg/mIoU": Series((30,), (12.5,)),
    }
    assert last_step(tmp_path) == 30


def test_nothing_logged_yet(tmp_path):
    assert read_scalars(tmp_path) == {}
    assert last_step(tmp_path) == 0
    log(tmp_path, "20260101_100000", '{"loss": 4.0, "step": 10}')
    log(tmp_path, "20260101_110000", "")
    assert last_step(tmp_path) == 0
