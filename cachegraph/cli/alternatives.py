"""Commands of a question about a spec, or in its place about a file."""

from collections.abc import Callable, Collection
from typing import Any

import click

from cachegraph.cli.command import question_command


def spec_or_file(
    name: str, option: click.Option, show: Callable[..., None], only_of_spec: Collection[str] = ()
) -> click.Command:
    """The command of a question, with an option for a file that is asked about instead of a spec.

    ``show`` prints the answer about the file; parameters ``only_of_spec`` stand first.
    """
    of_spec = question_command(name)
    first = [param for param in of_spec.params if param.name in ("spec", *only_of_spec)]
    spec = next(param for param in first if param.name == "spec")
    spec.required, spec.metavar = False, "[SPEC]"
    of_file = str(option.name)

    @click.pass_context
    def callback(ctx: click.Context, /, *, spec: str, **given: Any) -> None:
        location = given.pop(of_file)
        if bool(spec) == (location is not None):
            raise click.UsageError(f"give either a spec or {option.opts[0]} FILE")
        if location is None:
            ctx.invoke(of_spec, spec=spec, **given)
        else:
            show(ctx, location, **given)

    others = [param for param in of_spec.params if param not in first]
    params = [*first, option, *others]
    return click.Command(name, params=params, callback=callback, help=of_spec.help)
