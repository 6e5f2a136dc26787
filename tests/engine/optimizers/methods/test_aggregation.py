import pytest
import torch
from multi_task_toy import (
    TASKS,
    ToyModel,
    batch,
    gradients_of_step,
    objectives,
    reference_rows,
    wrapper_of,
)

pytest.importorskip("torchjd")

from mmaux.engine.optimizers import Aggregation
from mmaux.engine.optimizers.methods.drawing import torch_seeded_for_step
from mmaux.engine.optimizers.torchjd_modules import build_aggregator

SPECS = {
    "MGDA": "MGDA",
    "PCGrad": "PCGrad",
    "CAGrad": {"type": "CAGrad", "c": 0.4},
    "GradDrop": "GradDrop",
    "GradVac": "GradVac",
    "IMTLG": "IMTLG",
    "NashMTL": "NashMTL",
    "AlignedMTL": "AlignedMTL",
    "FairGrad": {"type": "FairGrad", "alpha": 1.0},
    "UPGrad": "UPGrad",
    "DualProj": "DualProj",
    "ConFIG": "ConFIG",
    "TrimmedMean": {"type": "TrimmedMean", "trim_number": 1},
    "Constant": {"type": "Constant", "weights": torch.tensor([0.5, 2.0, 1.0]).double()},
    "Mean": "Mean",
}
EVERY = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
DRAWING = ("PCGrad", "GradDrop", "GradVac")


def aggregated(spec, rows, *, names):
    """torchjd's aggregator on the whole matrix of the named columns, cut up again."""
    tasks = list(rows)
    shapes = {n: next(rows[t][n] for t in tasks if rows[t][n] is not None).shape for n in names}
    matrix = torch.stack(
        [
            torch.cat(
                [
                    (
                        torch.zeros(shapes[n]).double() if rows[t][n] is None else rows[t][n]
                    ).flatten()
                    for n in names
                ]
            )
            for t in tasks
        ]
    )
    with torch_seeded_for_step(0, 0):
        vector = build_aggregator(spec, count=len(tasks))(matrix)
    pieces = vector.split([shape.numel() for shape in shapes.values()])
    return {n: p.view(shapes[n]) for n, p in zip(names, pieces, strict=True)}


def split_names(rows):
    """Names that several tasks reach, and the task of each that one alone reaches."""
    readers = {n: [t for t in rows if rows[t][n] is not None] for n in next(iter(rows.values()))}
    shared = [n for n, tasks in readers.items() if len(tasks) > 1]
    return shared, {n: tasks[0] for n, tasks in readers.items() if len(tasks) == 1}


@EVERY
def test_shared_gradients_are_torchjds_and_the_rest_each_tasks_own(spec):
    rows = reference_rows()
    shared, private = split_names(rows)
    assert {n.split(".")[0] for n in shared} == {"first", "second", "cell"}
    assert len(private) == 6
    expected = aggregated(spec, rows, names=shared)
    found = gradients_of_step({"type": "mmaux.Aggregation", "aggregator": spec})
    for name in shared:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-4, atol=1e-8)
    for name, task in private.items():
        torch.testing.assert_close(found[name], rows[task][name], rtol=1e-12, atol=1e-12)


@EVERY
def test_at_the_features_everything_shared_is_aggregated_before_the_encoder(spec):
    model = ToyModel()
    data = batch()
    kept = {}

    def cut(shared):
        kept["maps"] = shared["backbone"]
        kept["leaves"] = tuple(m.detach().requires_grad_() for m in shared["backbone"])
        return {"backbone": kept["leaves"]}

    model.shared_maps_hook = cut
    losses = objectives(model, data)
    named = dict(model.named_parameters())
    inputs = {"early": kept["leaves"][0], "late": kept["leaves"][1], **named}
    rows = {
        task: dict(
            zip(
                inputs,
                torch.autograd.grad(
                    loss, list(inputs.values()), retain_graph=True, allow_unused=True
                ),
                strict=True,
            )
        )
        for task, loss in losses.items()
    }
    reached = [n for n in inputs if any(rows[t][n] is not None for t in rows)]
    shared = [n for n in reached if sum(rows[t][n] is not None for t in rows) > 1]
    assert shared == ["early", "late", "cell.weight", "cell.bias"]
    expected = aggregated(spec, rows, names=shared)
    torch.autograd.backward(list(kept["maps"]), [expected.pop("early"), expected.pop("late")])
    for name in ("first.weight", "first.bias", "second.weight", "second.bias"):
        expected[name] = named[name].grad

    method = {"type": "mmaux.Aggregation", "aggregator": spec, "level": "features"}
    found = gradients_of_step(method)
    assert expected.keys() == {n for n in named if not n.startswith("heads")}
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-8)
    for task in TASKS:
        name = f"heads.{task}.weight"
        torch.testing.assert_close(found[name], rows[task][name], rtol=1e-12, atol=1e-12)


@EVERY
@pytest.mark.parametrize("level", ["parameters", "features"])
def test_one_task_is_trained_as_ever(spec, level):
    if spec in (SPECS["Constant"], SPECS["TrimmedMean"]):  # made for three tasks
        spec = "Sum"
    (row,) = reference_rows(tasks=("depth",)).values()
    method = {"type": "mmaux.Aggregation", "aggregator": spec, "level": level}
    found = gradients_of_step(method, tasks=("depth",))
    for name, gradient in row.items():
        expected = torch.zeros_like(found[name]) if gradient is None else gradient
        torch.testing.assert_close(found[name], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("spec", [s for n, s in SPECS.items() if n not in (*DRAWING, "Constant")])
def test_the_order_of_the_tasks_does_not_matter(spec):
    method = {"type": "mmaux.Aggregation", "aggregator": spec}

    class Turned(ToyModel):
        def forward(self, inputs, mode="loss", **kwargs):
            losses = super().forward(inputs, mode, **kwargs)
            return dict(sorted(losses.items()))

    model = Turned()
    wrapper = wrapper_of(model, method, optimizer=torch.optim.SGD(model.parameters(), lr=1.0))
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    wrapper.train_step(model, batch())
    straight = gradients_of_step(method)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(
            before[name] - parameter.detach(), straight[name], rtol=1e-3, atol=1e-6
        )


def test_a_task_without_labels_is_left_out():
    data = batch(labelled=("semseg", "normal"))
    rows = reference_rows(data=data)
    del rows["depth"]
    shared, private = split_names(rows)
    # Without its last weights a task weighs 1 / T where another lacks labels.
    found = gradients_of_step({"type": "mmaux.Aggregation", "aggregator": "MGDA"}, data=data)
    for name in shared:
        expected = sum(r[name] for r in rows.values() if r[name] is not None) / 3
        torch.testing.assert_close(found[name], expected)
    assert found["heads.depth.weight"].eq(0).all()
    for name, task in private.items():
        torch.testing.assert_close(found[name], rows[task][name])


def test_fixed_weights_weigh_the_objectives():
    rows = reference_rows()
    method = {
        "type": "mmaux.Aggregation",
        "aggregator": "Sum",
        "weights": {"depth": 0.25},
    }
    found = gradients_of_step(method)
    torch.testing.assert_close(found["heads.depth.bias"], 0.25 * rows["depth"]["heads.depth.bias"])
    expected = sum(
        w * rows[t]["second.weight"] for t, w in zip(TASKS, (1.0, 0.25, 1.0), strict=True)
    )
    torch.testing.assert_close(found["second.weight"], expected)
    with pytest.raises(ValueError, match=r"weights names 'dept'.*Did you mean 'depth'"):
        gradients_of_step({**method, "weights": {"dept": 1.0}})


def test_between_two_solutions_the_last_weights_are_used_in_one_backward_pass():
    model = ToyModel()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    method = {"type": "mmaux.Aggregation", "aggregator": "MGDA", "every": 2}
    wrapper = wrapper_of(model, method, optimizer=optimizer)
    wrapper.train_step(model, batch(0))
    weights = dict(wrapper.method._last_weights)

    twin = ToyModel()
    twin.load_state_dict(model.state_dict())
    names = [n for n, _ in twin.named_parameters()]
    losses = objectives(twin, batch(1))
    rows = {
        t: torch.autograd.grad(
            loss, list(twin.parameters()), retain_graph=True, materialize_grads=True
        )
        for t, loss in losses.items()
    }
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    wrapper.train_step(model, batch(1))
    assert wrapper.method._last_weights == weights
    for index, (name, parameter) in enumerate(model.named_parameters()):
        assert name == names[index]
        gradient = (before[name] - parameter.detach()) / 0.01
        private = name.startswith("heads")
        expected = sum((1 if private else weights[t]) * rows[t][index] for t in rows)
        torch.testing.assert_close(gradient, expected, rtol=1e-6, atol=1e-8)
    wrapper.train_step(model, batch(2))
    assert wrapper.method._last_weights != weights


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"aggregator": "PCgrad"}, r"torchjd has no 'PCgrad'.*Did you mean 'PCGrad'"),
        ({"aggregator": {"type": "CAGrad"}}, r"CAGrad: .*'c'; it takes c, norm_eps"),
        ({"aggregator": "MGDA", "level": "maps"}, r"level is 'parameters' or 'features'"),
        ({"aggregator": "GradDrop", "every": 2}, r"every is 2 with GradDrop"),
        ({"aggregator": "MGDA", "level": "features", "every": 2}, r"every is 2 with MGDA"),
        ({"aggregator": "MGDA", "every": 0}, r"every is 0"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Aggregation(**options)


def test_a_model_that_hands_out_no_shared_maps_is_refused_at_the_features():
    model = ToyModel()
    del model.shared_maps_hook
    method = {"type": "mmaux.Aggregation", "aggregator": "MGDA", "level": "features"}
    with pytest.raises(TypeError, match=r"ToyModel does not hand out.*level='parameters'"):
        wrapper_of(model, method).train_step(model, batch())
