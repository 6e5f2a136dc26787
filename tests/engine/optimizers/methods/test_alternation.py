import copy
from collections import Counter

import pytest
import torch
from multi_task_toy import TASKS, ToyModel, batch, objectives, wrapper_of
from torch.utils.checkpoint import checkpoint

from mmaux.engine.optimizers import Alternation

OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.1),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5),
}
EVERY = pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
METHOD = {"type": "mmaux.Alternation"}


def start(optimizer, **options):
    model = ToyModel()
    return model, wrapper_of(model, {**METHOD, **options}, optimizer=optimizer(model.parameters()))


@EVERY
@pytest.mark.parametrize("state", ["shared", "per_task", "pooled"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_one_group_is_training_on_the_mean_to_the_bit(optimizer, state, reduction):
    model, wrapper = start(optimizer, groups=1, state=state, reduction=reduction)
    twin = ToyModel()
    plain = optimizer(twin.parameters())
    for number in range(20):
        wrapper.train_step(model, batch(number))
        losses = torch.stack(list(objectives(twin, batch(number)).values()))
        (losses.mean() if reduction == "mean" else losses.sum()).backward()
        plain.step()
        plain.zero_grad()
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, dict(twin.named_parameters())[name]), name


@EVERY
@pytest.mark.parametrize("state", ["shared", "per_task", "pooled"])
def test_full_alternation_is_a_fresh_step_for_each_task(optimizer, state):
    model, wrapper = start(optimizer, state=state)
    twin = ToyModel()
    shared = optimizer(twin.parameters())
    # One optimizer a task is the definition of a state of each task.
    own = {task: optimizer(twin.parameters()) for task in TASKS}
    probe = Alternation()
    probe._tasks = TASKS
    orders = set()
    for number in range(12):
        wrapper.train_step(model, batch(number))
        order = [task for (task,) in probe.split(number)]
        orders.add(tuple(order))
        for task in order:
            stepper = shared if state == "shared" else own[task]
            stepper.zero_grad()
            objectives(twin, batch(number))[task].backward()
            stepper.step()
        for name, parameter in model.named_parameters():
            assert torch.equal(parameter, dict(twin.named_parameters())[name]), (number, name)
    assert len(orders) > 3


@EVERY
def test_a_step_changes_only_what_its_group_reaches(optimizer):
    model, wrapper = start(optimizer, groups=3)
    for number in range(3):  # moments of every parameter exist
        wrapper.train_step(model, batch(number))
    before = copy.deepcopy(model.state_dict())
    state = copy.deepcopy(wrapper.optimizer.state_dict()["state"])
    wrapper.train_step(model, batch(3, labelled=("semseg",)))
    names = [name for name, _ in model.named_parameters()]
    changed = {n for n in names if not torch.equal(before[n], model.state_dict()[n])}
    reached = ("first", "second", "heads.semseg")
    assert changed == {n for n in names if n.startswith(reached)}
    for index, entries in wrapper.optimizer.state_dict()["state"].items():
        same = all(
            torch.equal(torch.as_tensor(v), torch.as_tensor(state[index][k]))
            for k, v in entries.items()
        )
        assert same == (names[index] not in changed), names[index]


@pytest.mark.parametrize("state", ["per_task", "pooled"])
def test_a_task_without_labels_keeps_its_moments(state):
    model, wrapper = start(OPTIMIZERS["AdamW"], state=state)
    for number in range(3):
        wrapper.train_step(model, batch(number))
    before = copy.deepcopy(wrapper.method.state_dict()["states"])
    wrapper.train_step(model, batch(3, labelled=("semseg", "normal")))
    after = wrapper.method.state_dict()["states"]

    def first_moments(states, task):
        return torch.cat([entry["exp_avg"].flatten() for entry in states[task].values()])

    assert torch.equal(first_moments(before, "depth"), first_moments(after, "depth"))
    assert not torch.equal(first_moments(before, "semseg"), first_moments(after, "semseg"))


def reached_names(model, loss):
    """Names of the parameters to which autograd brings a gradient."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    gradients = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
    return {name for name, g in zip(names, gradients, strict=True) if g is not None}


def test_a_group_moves_by_the_mean_of_its_members_changes():
    """theta' = theta + mean_t u_t(g_S), with one AdamW a member, on the parameters it reaches."""
    model, wrapper = start(OPTIMIZERS["AdamW"], groups=2, state="per_task")
    twin = ToyModel()
    own = {task: OPTIMIZERS["AdamW"](twin.parameters()) for task in TASKS}
    named = dict(twin.named_parameters())
    sizes = Counter()
    for number in range(8):
        wrapper.train_step(model, batch(number))
        for group in wrapper.method.split(number):
            sizes[len(group)] += 1
            twin.zero_grad()
            losses = objectives(twin, batch(number))
            reached = {task: reached_names(twin, losses[task]) for task in group}
            torch.stack([losses[task] for task in group]).mean().backward()
            gradients = {name: p.grad for name, p in named.items()}
            origin = {name: p.detach().clone() for name, p in named.items()}
            changes = {name: [] for name in named}
            for task in group:
                for name, p in named.items():
                    p.data.copy_(origin[name])
                    p.grad = gradients[name] if name in reached[task] else None
                own[task].step()
                for name in reached[task]:
                    changes[name].append(named[name].detach() - origin[name])
            for name, p in named.items():
                change = torch.stack(changes[name]).mean(dim=0) if changes[name] else 0
                p.data.copy_(origin[name] + change)
    assert sizes == {1: 8, 2: 8}
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter, named[name], rtol=1e-9, atol=1e-12)


def test_pooled_members_share_the_mean_of_their_states():
    """SGD with momentum: m_S = mean of the m of the members that reach it, which get mu m_S + g."""
    model, wrapper = start(
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.5), groups=2, state="pooled"
    )
    twin = ToyModel()
    momenta = {task: {} for task in TASKS}
    for number in range(8):
        wrapper.train_step(model, batch(number))
        for group in wrapper.method.split(number):
            losses = objectives(twin, batch(number))
            mean = torch.stack([losses[task] for task in group]).mean()
            reached = {task: reached_names(twin, losses[task]) for task in group}
            gradients = torch.autograd.grad(mean, list(twin.parameters()), allow_unused=True)
            for (name, p), gradient in zip(twin.named_parameters(), gradients, strict=True):
                if gradient is None:
                    continue
                readers = [task for task in group if name in reached[task]]
                known = [momenta[t][name] for t in readers if name in momenta[t]]
                momentum = 0.5 * sum(known) / len(known) + gradient if known else gradient
                p.data -= 0.1 * momentum
                for task in readers:
                    momenta[task][name] = momentum
    for name, parameter in model.named_parameters():
        expected = dict(twin.named_parameters())[name]
        torch.testing.assert_close(parameter, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("state", ["per_task", "pooled"])
def test_a_task_keeps_no_state_of_what_it_does_not_reach(state):
    model, wrapper = start(OPTIMIZERS["SGD"], groups=2, state=state)
    for number in range(8):
        wrapper.train_step(model, batch(number))
    names = [name for name, _ in model.named_parameters()]
    kept = {
        task: {names[index] for index in entries}
        for task, entries in wrapper.method.state_dict()["states"].items()
    }
    losses = objectives(model, batch(0))
    assert kept == {task: reached_names(model, losses[task]) for task in TASKS}


def recomputing(model):
    forward = model.first.forward
    model.first.forward = lambda x: checkpoint(forward, x.requires_grad_(), use_reentrant=True)
    return model


def test_recomputed_activations_hide_what_a_task_reaches():
    model, wrapper = start(OPTIMIZERS["SGD"], groups=2, state="per_task")
    with pytest.raises(ValueError, match=r"recomputes its activations.*with_cp=False"):
        wrapper.train_step(recomputing(model), batch(0))
    plain, plain_wrapper = start(OPTIMIZERS["SGD"], state="per_task")
    again, again_wrapper = start(OPTIMIZERS["SGD"], state="per_task")
    recomputing(again)
    for number in range(3):
        plain_wrapper.train_step(plain, batch(number))
        again_wrapper.train_step(again, batch(number))
    for one, other in zip(plain.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_groups_are_random_nearly_equal_and_the_same_for_a_seed():
    method, again, other = (
        Alternation(groups=2),
        Alternation(groups=2),
        Alternation(groups=2, seed=1),
    )
    for one in (method, again, other):
        one._tasks = ("a", "b", "c", "d", "e")
    splits = [method.split(step) for step in range(600)]
    assert splits == [again.split(step) for step in range(600)]
    assert splits != [other.split(step) for step in range(600)]
    assert Counter(tuple(map(len, split)) for split in splits) == {(3, 2): 600}
    together = sum(any({"a", "b"} <= set(group) for group in split) for split in splits)
    # Of 10 ways to choose the three, a and b are together in 3 + 1.
    assert together == pytest.approx(240, abs=4 * (600 * 0.4 * 0.6) ** 0.5)
    assert all(group == tuple(sorted(group)) for split in splits for group in split)


def test_each_group_gets_a_forward_pass_of_its_own_tasks():
    model, wrapper = start(OPTIMIZERS["SGD"], groups=2)
    wrapper.train_step(model, batch(0))
    assert model.forwards[0] == TASKS, "the first one tells which tasks there are"
    wrapper.train_step(model, batch(1))
    assert model.forwards[2:] == wrapper.method.split(1)
    logged = wrapper.train_step(model, batch(2))
    assert {f"{task}.loss_main" for task in TASKS} <= logged.keys()
    total = sum(value for name, value in logged.items() if ".loss" in name or ".aux.loss" in name)
    assert logged["loss"].item() == pytest.approx(total.item())


def test_batch_norms_see_the_batch_once_a_group():
    class Normed(ToyModel):
        def __init__(self):
            super().__init__()
            self.norm = torch.nn.BatchNorm1d(4).double()

        def forward(self, inputs, mode="loss", **kwargs):
            return super().forward({**inputs, "x": self.norm(inputs["x"])}, mode, **kwargs)

    model = Normed()
    wrapper_of(model, METHOD).train_step(model, batch())
    mean = batch()["inputs"]["x"].mean(dim=0)
    # Three times r <- 0.9 r + 0.1 mean, from 0.
    torch.testing.assert_close(model.norm.running_mean, (1 - 0.9**3) * mean)


def test_fixed_weights():
    model, wrapper = start(lambda p: torch.optim.SGD(p, lr=0.1), groups=1, weights={"depth": 3.0})
    twin = ToyModel()
    losses = objectives(twin, batch())
    gradients = torch.autograd.grad(
        (losses["semseg"] + 3 * losses["depth"] + losses["normal"]) / 3, list(twin.parameters())
    )
    wrapper.train_step(model, batch())
    for old, new, gradient in zip(twin.parameters(), model.parameters(), gradients, strict=True):
        torch.testing.assert_close(new, old - 0.1 * gradient)
    with pytest.raises(ValueError, match=r"'dept'.*Did you mean 'depth'"):
        start(OPTIMIZERS["SGD"], weights={"dept": 3.0})[1].train_step(model, batch())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": 0}, "groups is 0"),
        ({"reduction": "max"}, "reduction is 'mean' or 'sum', found 'max'"),
        ({"state": "own"}, "state is 'shared', 'per_task' or 'pooled', found 'own'"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Alternation(**options)


def test_more_groups_than_tasks_and_optimizers_without_states_are_refused():
    model, wrapper = start(OPTIMIZERS["SGD"], groups=4)
    with pytest.raises(ValueError, match=r"groups is 4, but the model has 3 tasks \(semseg, "):
        wrapper.train_step(model, batch())
    with pytest.raises(ValueError, match="LBFGS has one of all together"):
        start(lambda p: torch.optim.LBFGS(p), state="per_task")
    with pytest.raises(ValueError, match="accumulative_counts is 2, but Alternation makes several"):
        wrapper_of(model, METHOD, accumulative_counts=2)
