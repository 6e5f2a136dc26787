"""The network of a learned controller: a distribution over sequences of decisions."""

from typing import Any, get_args

import torch
from torch import Generator, Tensor, nn

from mmaux.search.space import Kind, SearchSpace

_INITIAL_RANGE = 0.1


class DecisionPolicy(nn.Module):
    """An LSTM that emits the decisions of a sequence one after another.

    Section 3.2 of Liu et al. (1909.02214) names an LSTM; the rest is ours. At each position the
    LSTM reads an embedding of the previous decision plus one of the position, and one linear layer
    for each kind of decision turns its state into scores of that kind's vocabulary. Scores of
    choices that are not valid at the position are set to minus infinity.

    Everything is in double precision and on the CPU, so that rounding, which differs between
    machines, hardly ever turns one choice into another.

    Args:
        space: The search space; L is the length of its sequences.
        hidden_size: Size of the LSTM's state and of the embeddings.
        generator: Draws the initial weights, uniform in [-0.1, 0.1]. No other generator is used.
    """

    def __init__(self, space: SearchSpace, *, hidden_size: int, generator: Generator) -> None:
        super().__init__()
        decisions = space.decisions()
        self.kinds = [decision.kind for decision in decisions]
        sizes = {kind: len(space.vocabulary(kind)) for kind in get_args(Kind)}
        first = {kind: sum(list(sizes.values())[:i]) for i, kind in enumerate(sizes)}
        self.width = max(sizes.values())
        options: dict[str, Any] = {
            "dtype": torch.float64,
            "device": "meta",
        }  # constructors would draw globally
        self.tokens = nn.Embedding(sum(sizes.values()) + 1, hidden_size, **options)
        self.positions = nn.Embedding(len(decisions), hidden_size, **options)
        self.lstm = nn.LSTM(hidden_size, hidden_size, batch_first=True, **options)
        self.scores = nn.ModuleDict(
            {kind: nn.Linear(hidden_size, size, **options) for kind, size in sizes.items()}
        )
        self.to_empty(device="cpu")
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -_INITIAL_RANGE, _INITIAL_RANGE, generator=generator)
        invalid = torch.ones(len(decisions), self.width, dtype=torch.bool)
        for position, decision in enumerate(decisions):
            invalid[position, list(decision.choices)] = False
        self.invalid: Tensor
        self.first_token: Tensor
        self.register_buffer("invalid", invalid)
        self.register_buffer("first_token", torch.tensor([first[kind] for kind in self.kinds]))

    @torch.no_grad()
    def sample(self, count: int, *, generator: Generator) -> tuple[Tensor, Tensor]:
        """Draw sequences.

        Args:
            count: N, how many.
            generator: What draws.

        Returns:
            Choices (N, L), and the logarithms of their probabilities (N, L).
        """
        token = torch.full((count, 1), self.tokens.num_embeddings - 1)
        state: tuple[Tensor, Tensor] | None = None
        choices, log_probs = [], []
        for position, kind in enumerate(self.kinds):
            read = self.tokens(token) + self.positions.weight[position]
            output, state = self.lstm(read, state)
            log_prob = self._log_softmax(self.scores[kind](output), position)
            # The largest sum of log-probability and Gumbel noise is a draw from the distribution.
            noise = torch.rand(log_prob.shape, generator=generator, dtype=log_prob.dtype)
            choice = (log_prob - (-noise.log()).log()).argmax(dim=-1)
            choices.append(choice)
            log_probs.append(log_prob.gather(-1, choice.unsqueeze(-1)).squeeze(-1))
            token = choice + self.first_token[position]
        return torch.cat(choices, dim=1), torch.cat(log_probs, dim=1)

    def forward(self, sequences: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities of given sequences.

        Args:
            sequences: Valid choices (N, L).

        Returns:
            The logarithms of their probabilities, and the entropies (nats) of the distributions
            that each choice was drawn from; both (N, L).
        """
        start = torch.full((len(sequences), 1), self.tokens.num_embeddings - 1)
        read = torch.cat([start, (sequences + self.first_token)[:, :-1]], dim=1)
        output, _ = self.lstm(self.tokens(read) + self.positions.weight)
        scores = output.new_full((*sequences.shape, self.width), -torch.inf)
        for kind, layer in self.scores.items():
            places = [i for i, other in enumerate(self.kinds) if other == kind]
            scores[:, places, : layer.out_features] = layer(output[:, places])
        log_prob = self._log_softmax(scores, slice(None))
        entropy = -(log_prob.exp() * log_prob.masked_fill(self.invalid, 0.0)).sum(dim=-1)
        return log_prob.gather(-1, sequences.unsqueeze(-1)).squeeze(-1), entropy

    def _log_softmax(self, scores: Tensor, positions: int | slice) -> Tensor:
        invalid = self.invalid[positions, : scores.shape[-1]]
        return scores.masked_fill(invalid, -torch.inf).log_softmax(dim=-1)
