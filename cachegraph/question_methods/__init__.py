"""The questions as methods: one for each, with its parameters.

The module of a question is imported when it is asked: the cold start is a feature.
"""

from cachegraph.question_methods.dependencies import DependencyMethods
from cachegraph.question_methods.planning import PlanMethods
from cachegraph.question_methods.sharing import SharingMethods
from cachegraph.question_methods.specs import SpecMethods
from cachegraph.question_methods.stacks import StackMethods


class QuestionMethods(StackMethods, SharingMethods, SpecMethods, DependencyMethods, PlanMethods):
    """A method for each question; answers are the documents that the commands print as JSON."""
