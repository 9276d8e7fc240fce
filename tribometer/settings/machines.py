"""What the machines of CI cost."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Price = Annotated[float, Field(ge=0)]
DEFAULT = "default"


class Machines(BaseModel):
    """What the machines of CI cost; without a price no money is told (C9)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cost_per_minute: dict[Annotated[str, Field(min_length=1)], Price] = Field(default_factory=dict)
    """Price of a machine minute by runner, like ``{default = 0.008, "macos-*" = 0.08}``: the first glob that fits the
    label, else ``default``, which has to be there.
    """
    currency: Annotated[str, Field(min_length=1)] = "USD"
    """What the prices are in; told beside them."""

    @model_validator(mode="after")
    def _has_default(self) -> Machines:
        if self.cost_per_minute and DEFAULT not in self.cost_per_minute:
            raise ValueError("cost_per_minute says what any other runner costs, like {default = 0.008}")
        return self

    def price(self, runner: str) -> float | None:
        """The price of a minute of a runner; None where no prices are set."""
        label, known = runner.casefold(), self.cost_per_minute
        globs = ((glob, price) for glob, price in known.items() if glob != DEFAULT)
        fitting = (price for glob, price in globs if fnmatchcase(label, glob.casefold()))
        return next(fitting, known.get(DEFAULT))
