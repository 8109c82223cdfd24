"""Questions about what stacks could build once, as methods."""

from typing import TYPE_CHECKING

from cachegraph.question_methods.base import GraphMethods, Names, listed

if TYPE_CHECKING:
    from cachegraph.questions.base import BaseAnswer


class PlanMethods(GraphMethods):
    """Questions about what stacks could build once, as methods."""

    def base(  # noqa: PLR0913  # one for each option
        self,
        *names: str,
        layers: int = 0,
        unify: str = "",
        pins: int = 0,
        stacks: Names = (),
        release: Names = None,
        all_releases: bool = False,
        ignore_runtime: bool = False,
    ) -> "BaseAnswer":
        """The layers that stacks share, and what building each once saves.

        With ``layers`` only so many, those that save most. ``unify`` gives all stacks the specs of
        one of them, or of the best, for common names, after so many ``pins`` that save most.

        >>> answer = graph.base(release="e4s-24.11")
        >>> [(row["specs"], len(row["stacks"]), row["needs"]) for row in answer["layers"]]
        [(30, 2, []), (14, 1, [1]), (5, 1, [1])]
        """
        from cachegraph.questions.base import Base

        question = Base(
            layers=layers,
            unify=unify,
            pins=pins,
            stacks=listed(names, stacks),
            release=release,
            all_releases=all_releases,
            ignore_runtime=ignore_runtime,
        )
        return self.ask(question)
