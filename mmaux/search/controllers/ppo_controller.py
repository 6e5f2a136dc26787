"""A controller trained with proximal policy optimisation."""

from collections import deque
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmaux.registry import SEARCH_CONTROLLERS
from mmaux.search.space import SearchSpace

from .base_controller import BaseController
from .decision_policy import DecisionPolicy

_TINY = 1e-12


@SEARCH_CONTROLLERS.register_module()
class PPOController(BaseController):
    """An LSTM that learns by PPO which sequences earn high rewards (section 3.2 of 1909.02214).

    Whenever ``batch_size`` rewards have been told, the policy is updated ``epochs`` times on them
    with the clipped surrogate objective (Schulman et al. 2017, 1707.06347, equation 7, and the
    entropy bonus of its equation 9). All decisions of a sequence share its advantage: the reward
    less an exponential moving average of earlier rewards, divided by the batch's root mean square.
    Probability ratios refer to the policy that proposed the sequence, however old it is by then.

    Liu et al. give no settings. Those of Nekrasov et al. (2019, 1810.10804), whom they follow, are
    taken from their released code where it has them, ``nas-segm-pytorch``. Ours were chosen on
    synthetic rewards (:class:`mmaux.search.evaluators.SyntheticEvaluator`) with other seeds than
    those of any reported study.

    Args:
        space: The search space.
        seed: Seed of the initial weights and of all draws.
        hidden_size: Of the LSTM; 100 as in Nekrasov et al.
        batch_size: Rewards an update (ours).
        epochs: Gradient steps an update, each on the whole batch (ours).
        clip: Largest change of a probability ratio that is rewarded; 0.2 as in Schulman et al.
        entropy_weight: Weight of the mean entropy of a decision, in nats (ours).
        lr: Step size of Adam (ours; Nekrasov et al. have 1e-4, for tens of thousands of steps).
        baseline_decay: Share of the moving average that a new reward leaves; 0.95 as in Nekrasov
            et al. It starts at the first batch's mean.
        max_grad_norm: Gradients are scaled down to this norm; 2 as in Nekrasov et al.

    Raises:
        ValueError: A setting is out of its range.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int = 0,
        hidden_size: int = 100,
        batch_size: int = 10,
        epochs: int = 4,
        clip: float = 0.2,
        entropy_weight: float = 0.1,
        lr: float = 5e-3,
        baseline_decay: float = 0.95,
        max_grad_norm: float = 2.0,
    ) -> None:
        super().__init__(space, seed=seed)
        for name, value in (
            ("hidden_size", hidden_size),
            ("batch_size", batch_size),
            ("epochs", epochs),
        ):
            if value < 1:
                raise ValueError(f"PPO: {name} is {value}; expected 1 or more.")
        if not 0 <= baseline_decay < 1:
            raise ValueError(
                f"PPO: baseline_decay is {baseline_decay}; expected 0 or more, below 1."
            )
        self.batch_size = batch_size
        self.epochs = epochs
        self.clip = clip
        self.entropy_weight = entropy_weight
        self.baseline_decay = baseline_decay
        self.max_grad_norm = max_grad_norm
        self.baseline: float | None = None
        self._generator = torch.Generator().manual_seed(seed)
        self.policy = DecisionPolicy(space, hidden_size=hidden_size, generator=self._generator)
        self._optimizer = torch.optim.Adam(self.policy.parameters(), lr=lr)
        self._proposals: deque[tuple[tuple[int, ...], Tensor]] = deque()
        self._asked: dict[tuple[int, ...], deque[Tensor]] = {}
        self._told: list[tuple[tuple[int, ...], Tensor, float]] = []

    def ask(self) -> tuple[int, ...]:
        """Draw a sequence from the policy; a batch is drawn at a time, and dropped by an update."""
        if not self._proposals:
            sequences, log_probs = self.policy.sample(self.batch_size, generator=self._generator)
            drawn = (tuple(row) for row in sequences.tolist())
            self._proposals.extend(zip(drawn, log_probs, strict=True))
        sequence, log_prob = self._proposals.popleft()
        self._asked.setdefault(sequence, deque()).append(log_prob)
        return sequence

    def tell(self, sequence: Sequence[int], reward: float) -> None:
        """Keep a reward, and update the policy if the batch is full.

        A sequence that was asked for several times has a reward for each, in the order of asking.

        Raises:
            ValueError: The sequence has no reward outstanding, or the reward is not in [0, 1].
        """
        self.check_reward(reward)
        key = tuple(int(choice) for choice in sequence)
        if key not in self._asked:
            raise ValueError(
                f"PPO: no reward is outstanding for {key}; tell a sequence as often as asked."
            )
        log_prob = self._asked[key].popleft()
        if not self._asked[key]:
            del self._asked[key]
        self._told.append((key, log_prob, reward))
        if len(self._told) == self.batch_size:
            self._update()
            self._told.clear()
            self._proposals.clear()

    def _update(self) -> None:
        sequences = torch.tensor([sequence for sequence, _, _ in self._told])
        old = torch.stack([log_prob for _, log_prob, _ in self._told])
        advantages = self._advantages([reward for _, _, reward in self._told]).unsqueeze(1)
        for _ in range(self.epochs):
            new, entropy = self.policy(sequences)
            ratio = (new - old).exp()
            clipped = ratio.clamp(1 - self.clip, 1 + self.clip)
            gain = torch.minimum(ratio * advantages, clipped * advantages).mean()
            self._optimizer.zero_grad()
            (-gain - self.entropy_weight * entropy.mean()).backward()
            nn.utils.clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
            self._optimizer.step()

    def _advantages(self, rewards: list[float]) -> Tensor:
        values = torch.tensor(rewards, dtype=torch.float64)
        if self.baseline is None:
            self.baseline = float(values.mean())
        advantages = values - self.baseline
        for reward in rewards:
            self.baseline += (1 - self.baseline_decay) * (reward - self.baseline)
        return advantages / (advantages.square().mean().sqrt() + _TINY)
