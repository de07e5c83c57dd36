"""`check simulate`: random walks through what is too large to be exhausted. They find, and prove nothing."""

from __future__ import annotations

import dataclasses
import json
import shlex
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from checker.answering import progress_of, show
from checker.building import asked, compiled
from checker.commands.output_options import output_of, output_options
from checker.commands.table_options import given_here
from checker.engines.outcome import INTERRUPTED, Limits
from checker.engines.simulating import WALK_LENGTH, Simulation, simulate
from checker.finding import design_name
from checker.json_report import report
from checker.language.errors import CheckerError
from checker.language.model import Model
from checker.language.world import World
from checker.names import typed
from checker.options import load_option, model_options, request_of
from checker.output import Output, check_followed
from checker.report import STYLES, WIDTH, item, verdict_lines, within
from checker.request import Request, Wanted, only_for, scenarios_of, wanted_properties, world_of
from checker.saving import Found, check_folders, save_all
from checker.screen import Screen
from checker.searching import findings
from checker.verdict import Answer, Run, Unsearched, Verdict, exit_code, verdict_on

HELP = """Random walks, for what has too many states to be exhausted.

Each step looks at every successor and goes on with one of them. Every other walk prefers blocks that seldom
followed the one before. What is found is shown as any other trace; what is not found may still be there.

Exit code: 1 violated, 3 not found, 2 the request or the model is wrong.
"""
SECONDS = 10.0  # where nobody says how long
ROUND = 256  # walks


@dataclasses.dataclass(frozen=True)
class Walked:
    """A scenario that was walked through, and what that found."""

    run: Run
    simulation: Simulation


def simulate_command(model: Model | None, screen: Screen, bounds: Mapping[str, int]) -> click.Command:
    def run(**given: Any) -> int:
        assert model is not None
        options = given_here(given)
        request, output = _request(options), output_of(options)
        wanted = wanted_properties(request, model)
        worlds = [world_of(request, model, scenario) for scenario in scenarios_of(request, model)]
        check_folders(output)
        if output.style.follow:
            check_followed(output.style.follow, worlds)
        steps = options.get("steps")
        walks = Walks(request, worlds, wanted, options["seed"], steps, screen, output)
        return walks.told(model)

    return click.Command("simulate", callback=run, params=[*_options(), *_shared(bounds)], help=HELP)


def _options() -> list[click.Parameter]:
    return [
        click.Option(["--property", "properties"], multiple=True, metavar="NAME", help="Only this property."),
        click.Option(["--all", "everything"], is_flag=True, help="Every property, in every scenario."),
        click.Option(["--scenario", "scenarios"], multiple=True, metavar="NAME", help="Only this scenario."),
        click.Option(
            ["--seed"], type=click.IntRange(min=0), default=1, help="Other walks for each number; 1."
        ),
        click.Option(
            ["--steps"], type=click.IntRange(min=1), help="End a scenario after so many steps in all."
        ),
        click.Option(["--max-depth"], type=click.IntRange(min=1), help=f"Steps of one walk; {WALK_LENGTH}."),
        click.Option(
            ["--time", "seconds"], metavar="TIME", help="For all scenarios; 10s, unless --steps is given."
        ),
        click.Option(["--threads"], type=click.IntRange(min=1), help="Worker threads."),
    ]


def _shared(bounds: Mapping[str, int]) -> list[click.Parameter]:
    taken = {"time", "seed", "steps", "threads"}
    outputs = ("follow", "verbose", "itf", "html", "svg", "progress")
    return [
        *model_options({name: default for name, default in bounds.items() if typed(name) not in taken}),
        load_option(),
        click.Option(["--json", "as_json"], is_flag=True, help="One JSON object on stdout instead of text."),
        click.Option(["--no-color"], is_flag=True, help="Plain text on a terminal too (as NO_COLOR does)."),
        *(each for each in output_options() if each.name in outputs),
    ]


def _request(options: Mapping[str, Any]) -> Request:
    request = request_of(options)
    if request.engine != "native":
        raise CheckerError(f"simulate is for the native engine, not for --engine {request.engine}")
    request = dataclasses.replace(request, all=request.all or not request.properties)
    if request.limits.seconds is None and options.get("steps") is None:
        return dataclasses.replace(request, limits=dataclasses.replace(request.limits, seconds=SECONDS))
    return request


class Walks:
    """The scenarios one after the other; what is found in one is not looked for in the next."""

    def __init__(
        self,
        request: Request,
        worlds: Sequence[World],
        wanted: Sequence[Wanted],
        seed: int,
        steps: int | None,
        screen: Screen,
        output: Output,
    ) -> None:
        self.request, self.wanted, self.seed, self.steps = request, wanted, seed, steps
        self.screen, self.output = screen, output
        self.left = list(wanted)
        self.walked: list[Walked] = []
        self.found: dict[str, Verdict] = {}
        self.unsearched: list[Unsearched] = []
        self._go(worlds)

    def _go(self, worlds: Sequence[World]) -> None:
        begun = time.monotonic()
        progress = progress_of(self.output, self.screen)
        for number, world in enumerate(worlds):
            here = only_for(self.left, world.scenario)
            if not here:
                continue
            if self.walked and self.walked[-1].run.outcome.ended == INTERRUPTED:
                self.unsearched.append(Unsearched(world.scenario.name, tuple(here), INTERRUPTED))
                continue
            limits = self._limits(time.monotonic() - begun, len(worlds) - number)
            if progress is not None:
                progress.start(world.scenario.name)
            try:
                walked = self._walk(world, here, limits, progress)
            finally:
                if progress is not None:
                    progress.stop()
            self.walked.append(walked)
            self._show(walked)
            self.left = [each for each in self.left if not walked.run.decided(each)]

    def _limits(self, spent: float, scenarios: int) -> Limits:
        """An equal share of the time that is left."""
        limits = dataclasses.replace(self.request.limits, max_states=self.steps)
        if limits.seconds is None:
            return limits
        return dataclasses.replace(limits, seconds=max((limits.seconds - spent) / scenarios, 0.01))

    def _walk(self, world: World, here: list[Wanted], limits: Limits, progress: Any) -> Walked:
        program = compiled(world, here)
        simulation = simulate(program, asked(here), limits, self.seed, progress)
        run = Run(world, tuple(here), simulation.outcome, "simulation", dict(program.statistics))
        return Walked(run, simulation)

    def _show(self, walked: Walked) -> None:
        for verdict in findings(self.request, walked.run, self.found):
            if verdict.trace is not None:
                context = {**verdict.trace.context, "command": self._command(verdict.name, walked)}
                verdict = dataclasses.replace(
                    verdict, trace=dataclasses.replace(verdict.trace, context=context)
                )
            self.found[verdict.name] = verdict
            if self.output.form == "text":
                show(self.screen, verdict, self.output.style)

    def _command(self, name: str, walked: Walked) -> str:
        """Finds it again, on any machine: as many steps, and a whole round more."""
        length = self.request.limits.max_depth
        steps = walked.simulation.steps + ROUND * (length or WALK_LENGTH)
        words = ["check", "simulate", "--property", name, *self.request.options()]
        words += ["--scenario", walked.run.scenario] if walked.run.scenario != "default" else []
        words += ["--max-depth", str(length)] if length else []
        return shlex.join([*words, "--seed", str(self.seed), "--steps", str(steps)])

    def verdicts(self) -> list[Verdict]:
        runs = [each.run for each in self.walked]
        unknown = [each for each in self.wanted if each.name not in self.found]
        extra = [each for each in self.found.values() if each.name not in {w.name for w in self.wanted}]
        return [
            *(each for each in self.found.values() if each not in extra),
            *(self._not_found(each, verdict_on(each, runs, self.unsearched)) for each in unknown),
            *extra,
        ]

    def _not_found(self, wanted: Wanted, verdict: Verdict) -> Verdict:
        own = [each for each in self.walked if wanted in each.run.wanted]
        if verdict.answer is Answer.HOLDS or not own:  # `reachable`, and it was reached
            return verdict
        steps = sum(each.simulation.steps for each in own)
        return dataclasses.replace(verdict, why=f"nothing found in {steps:,} steps of random walks")

    def told(self, model: Model) -> int:
        verdicts = self.verdicts()
        design, code = design_name(self.request, model), exit_code(verdicts)
        runs = [each.run for each in self.walked]
        if self.output.form == "json":
            data = report(design, verdicts, runs, code)
            data["simulations"] = [as_data(each, self.seed) for each in self.walked]
            self.screen.line(json.dumps(data, indent=2))
        else:
            for verdict in verdicts:
                self.screen.lines(verdict_lines(verdict), STYLES[verdict.answer])
            self.screen.line()
            self.screen.lines(item("design", design) if design else [])
            for each in self.walked:
                self.screen.lines(lines_of(each, self.seed, self.output.style.verbose))
            self.screen.lines(within(verdicts, runs))
        save_all(self.output, self.request, model, Found(design, verdicts, runs), self.screen)
        return code


def lines_of(walked: Walked, seed: int, verbose: bool) -> Iterator[str]:
    """What was covered; each pair of blocks, if that is wanted."""
    simulation, outcome = walked.simulation, walked.run.outcome
    rate = simulation.steps / outcome.seconds if outcome.seconds else 0.0
    yield from item(
        f"walked {walked.run.scenario}",
        f"{simulation.walks:,} walks, {simulation.steps:,} steps, {outcome.transitions:,} successors looked "
        f"at, {outcome.seconds:.2f} s ({rate:,.0f} steps/s), seed {seed}; ended: {outcome.ended}",
    )
    covered = sum(outcome.fired.get(block, 0) > 0 for block in simulation.blocks)
    yield f"  blocks covered: {covered} of {len(simulation.blocks)}"
    yield from item(
        "  pairs of a block and the next one covered",
        f"{len(simulation.pairs):,}; the last new one within the first {simulation.last_new_pair:,} steps",
    )
    if verbose:
        for block in simulation.blocks:
            after = [second for first, second in simulation.pairs if first == block]
            text = f"{block} -> {', '.join(after) or 'nothing was taken'}"
            yield from textwrap.wrap(
                text, WIDTH, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False
            )


def as_data(walked: Walked, seed: int) -> dict[str, Any]:
    """{"scenario", "seed", "walks", "steps", "last_new_pair": steps, "blocks": number of them,
    "pairs": [{"first": block, "next": block, "times"}]}; which blocks were covered is in "runs"."""
    simulation = walked.simulation
    return {
        "scenario": walked.run.scenario,
        "seed": seed,
        "walks": simulation.walks,
        "steps": simulation.steps,
        "last_new_pair": simulation.last_new_pair,
        "blocks": len(simulation.blocks),
        "pairs": [
            {"first": first, "next": after, "times": times}
            for (first, after), times in simulation.pairs.items()
        ],
    }
