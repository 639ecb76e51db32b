"""The scenario file, ``format: phaseline/1``: what may be written, with which unit, and what it means.

Every model here is frozen and refuses unknown keys. The text under each field is shown by ``phaseline schema``
and is the documentation of the file format; the equations are in ``docs/model.md``, with the same names.
Ids are the keys of mappings. A phase is referred to as ``operation.phase``.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)

from phaseline.scenario.quantity import (
    Area,
    ClaimEnd,
    ClaimLimit,
    Count,
    Day,
    Duration,
    Length,
    MoneyRate,
    NamedNumber,
    Number,
    PerPersonRate,
    Persons,
    Rate,
    Share,
    ShareRate,
    SingleShare,
    Speed,
    fixed,
)
from phaseline.scenario.working_days import WEEKDAYS, DayName, read_period, read_weekday, read_weekdays

ELSEWHERE = "elsewhere"
"""Reserved consumer id: the rest of the theatre, which shares the assets and has demand of its own."""

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
PhaseRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=81)]
"""``operation`` or ``operation.phase``; within an operation the bare phase id is understood in ``after``."""


class Model(BaseModel):
    """Frozen, closed, and documented by the text under each field."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )


class Sourced(Model):
    """A block whose numbers may share one provenance: it holds for those within that name none of their own."""

    source: str | None = None
    """Id under ``sources``."""
    assumed: str | None = None
    """The reasoning, where there is no source."""
    note: str | None = None


class Source(Model):
    """Where a number or a statement comes from."""

    title: str
    publisher: str | None = None
    url: str | None = None
    published: dt.date | None = None
    known_on: dt.date
    """The day from which anybody could have used it. Later than ``as_of`` is refused unless ``for_scoring``."""
    for_scoring: bool = False
    """Kept to score forecasts; no default may use it."""
    licence: str | None = None
    note: str | None = None


class Correlation(Sourced):
    """A group of named numbers whose draws move together (Gaussian copula)."""

    numbers: Annotated[list[Id], Field(min_length=2)]
    rank: float | list[list[float]]
    """Spearman's rank correlation: one value for every pair, or the whole symmetric matrix."""


class Ensemble(Sourced):
    """Joint draws of several numbers, which replace what the file says of each: a posterior, for example."""

    file: Annotated[str, StringConstraints(min_length=1)]
    """CSV file beside the scenario, a row for each draw: see ``docs/scenario.md``."""
    label: str | None = None


Weekday = Annotated[DayName, BeforeValidator(read_weekday)]
Period = Annotated[
    tuple[dt.date, dt.date],
    BeforeValidator(read_period, json_schema_input_type=dt.date | tuple[dt.date, dt.date]),
]
"""One day, or ``[first, last]``, both included."""


class Calendar(Sourced):
    """The days on which work is done: a working week, public holidays, a shutdown."""

    label: str | None = None
    works: Annotated[list[Weekday], Field(min_length=1), BeforeValidator(read_weekdays)] = list(WEEKDAYS)
    """Days of the week, ``[mon, tue, wed, thu, fri]`` or ``mon-fri``. Left out: all seven."""
    closed: list[Period] = []
    """Days, and periods ``[first, last]``, on which no work is done: ``[2026-12-25, [2026-12-28, 2027-01-02]]``."""
    open: list[Period] = []
    """Days and periods on which work is done all the same."""


class Elsewhere(Sourced):
    """Demand of the rest of the theatre on an asset. Robbing it is not free."""

    demand: Rate
    essential: Share = fixed(1.0, "share")
    cost: Number = fixed(0.0, "number")
    """Cost of one uncovered unit of essential demand, in the unit the case names under
    ``vocabulary.elsewhere_cost``."""


class Asset(Sourced):
    """A scarce, shared, reusable means: aircraft, crews, engineers."""

    label: str | None = None
    unit: str = "units"
    sharing: Literal["divisible", "whole"] = "divisible"
    """``divisible``: supplied by the day, in any amount. ``whole``: a task holds all it needs or does not run."""
    capacity: Rate | None = None
    """Sustainable capacity a day of a divisible asset, where no contributions by nation are listed."""
    units: Count | None = None
    """Number of units of a whole asset, where no contributions by nation are listed."""
    surge_days: Duration = fixed(0.0, "duration")
    """Days at full surge rate from rest (d in the model card). Published cases: 4 to 5 days; 0 means no surge."""
    surge_factor: Number | None = None
    """Surge rate over sustained rate (sigma), where contributions give no surge rate. Published: 1.7 to 2.1."""
    weather: Share = fixed(1.0, "share")
    """Share of capacity left on a day of bad weather."""
    elastic: Number = fixed(1.0, "number")
    """Largest factor by which effects per unit may rise when short (e.g. weapons per sortie); 1 means no rise."""
    transfer: Duration = fixed(0.0, "duration")
    """Days before a newly opened phase can draw on the asset, unless it was pre-positioned."""
    cap: Count | None = None
    """Most units any plan may have in theatre."""
    elsewhere: Elsewhere | None = None
    calendar: Id | None = None
    """Of ``calendars``; on days on which it is closed the asset supplies nothing, and units of a whole asset stand still."""


class Contribution(Sourced):
    """What one nation (or owner) brings of one asset."""

    nation: str
    asset: Id
    count: Count
    mission_capable: Share = fixed(1.0, "share")
    sustained: Rate = fixed(1.0, "rate")
    """Output per mission-capable unit a day that can be kept up for ever."""
    surge: Rate | None = None
    """Output per mission-capable unit a day at surge."""
    arrives: Day | None = None
    departs: Day | None = None
    not_for: list[PhaseRef] = []
    """Caveats: operations, phases or ``elsewhere`` where it may not be used."""
    calendar: Id | None = None
    """Of ``calendars``; on days on which it is closed the contribution supplies nothing. For divisible assets."""


Degrees = Annotated[float, Field(strict=True)]


class Arrival(Sourced):
    """Strength that joins a force on a given day, or evenly over some days."""

    on: Day
    strength: Persons
    over: Duration = fixed(0.0, "duration")
    """Days over which they come, evenly, from the beginning of that day on: ``1 day`` means in the course of it.
    Left out: all are there when the day begins."""


class Force(Sourced):
    """Strength that belongs to operations and is used up."""

    label: str | None = None
    side: Literal["own", "adversary"]
    strength: Persons
    killed: Share = fixed(0.25, "share")
    """Share of losses killed; the rest are wounded taken out. Assumed 0.25 (range 0.15-0.35)."""
    returns: Share = fixed(0.0, "share")
    """Share of the wounded that return."""
    return_after: Duration = fixed(30.0, "duration")
    """Days until they return; at most 200."""
    replacements: Rate = fixed(0.0, "rate")
    """Men a day that refill the force, never above its strength so far received."""
    arrivals: list[Arrival] = []
    breaks_at: Share = fixed(1.0, "share")
    """Share lost at which it breaks: a defender of all who ever joined it, an attacker of those it began the attempt with
    and all who have joined since. At 100 % it breaks when nobody is left."""


class Demand(Sourced):
    """What a phase calls for of one asset."""

    base: Rate = fixed(0.0, "rate")
    per_contact: PerPersonRate = fixed(0.0, "per_person_rate")
    """Further demand a day for each engaged adversary fighter."""
    units: Count | None = None
    """Units of a whole asset held while the phase runs."""
    essential: Share = fixed(1.0, "share")
    """Share of the demand that is essential; strain uses this, coverage the whole."""


def _demand_shorthand(value: Any) -> Any:
    if isinstance(value, str):
        return {"base": value}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"units": value}
    return value


Profile = Annotated[list[tuple[SingleShare, Number]], Field(min_length=1, max_length=12)]
ShareProfile = Annotated[list[tuple[SingleShare, Share]], Field(min_length=1, max_length=12)]
PersonsProfile = Annotated[list[tuple[SingleShare, Persons]], Field(min_length=1, max_length=12)]


class DigIn(Sourced):
    """An adversary given time prepares: resistance grows with each day before the phase opens."""

    rate: ShareRate
    most: Number = fixed(1.5, "number")


class Pause(Sourced):
    """Losses since the last refit beyond a share of strength stop the advance for a while."""

    after_losses: Share
    lasts: Duration


class Ending(Sourced):
    """What becomes of the survivors when the phase is done. The rest are killed or taken."""

    surrender: Share = fixed(0.0, "share")
    escape: Share = fixed(0.0, "share")
    """Share that tries to escape; sealing stops its share of them, who are killed or taken."""
    to: Id | None = None
    """Adversary force they join; without it they leave the theatre."""


class Reference(Sourced):
    """Engaged strengths at which the daily loss shares hold."""

    own: Persons
    adversary: Persons


class Advisers(Sourced):
    """An asset whose coverage raises the fighting value of the own force."""

    asset: Id
    raises: Share
    """Rise at full coverage."""


class Phase(Sourced):
    """A piece of an operation with work to do: ``contested`` by an adversary, or a ``task``."""

    kind: Literal["contested", "task"]
    label: str | None = None
    after: list[PhaseRef] | None = None
    """Phases that must be done first. Left out: the phase before it in the file. ``[]``: none."""
    demand: dict[Id, Annotated[Demand, BeforeValidator(_demand_shorthand)]] = {}
    dependence: dict[Id, Share] = {}
    """How much of the support hangs on each asset (w): support is the product of 1 - w (1 - coverage)."""
    minimum_coverage: dict[Id, Share] = {}
    """Coverage below which the phase does not go that day (c*)."""
    support_exponent: Number = fixed(1.0, "number")
    """eta: tempo goes with support to this power. Assumed 1 (range 0.2-1.5)."""
    stop_hazard: ShareRate = fixed(0.0, "share_rate")
    """Chance a day, while it runs, that it is stopped for reasons outside the model. It then fails for good."""
    weight: Number | None = None
    """Weight in the operation's progress, given for all its phases or for none. Left out: the depth of contested
    phases; without any, the duration of tasks."""
    territory: Area = fixed(0.0, "area")
    revenue: MoneyRate = fixed(0.0, "money_rate")
    """What the adversary loses as the phase progresses."""
    seals: Share = fixed(0.0, "share")
    """How tightly the phase, open or done, closes off the adversary force named in ``seals_off`` (or ``adversary``)."""
    seals_off: Id | None = None

    duration: Duration | None = None
    """Task: days of work at full support."""
    calendar: Id | None = None
    """Task: of ``calendars``; on days on which it is closed no work is done."""

    own: Id | None = None
    adversary: Id | None = None
    depth: Length | None = None
    """Contested: how far there is to go. Left out: a duel without movement, decided when one side breaks."""
    tempo: Speed | None = None
    """v_ref: advance a day at full support and the reference force ratio, averaged over depth."""
    top_speed: Speed | None = None
    """v_max: advance a day when nobody resists, and never above. Default 10 times the tempo (assumed)."""
    reference_ratio: Number = fixed(3.0, "number")
    """rho_ref: force ratio at which ``tempo`` holds."""
    ratio_exponent: Number = fixed(0.2, "number")
    """gamma: tempo goes with the force ratio to this power. Range 0-0.4 (advance barely correlates with it)."""
    resistance: Profile = [(0.0, fixed(1.0, "number"))]
    """Relative resistance at shares of the depth, linear between. Only its shape counts: it is scaled to mean 1."""
    frontage: Persons | None = None
    """Most own fighters that can be engaged at once."""
    engaged: Share = fixed(1.0, "share")
    """Share of the own force at hand that is engaged, before frontage."""
    commit: ShareProfile = [(0.0, fixed(1.0, "share"))]
    """Share of the garrison engaged at shares of the depth, linear between."""
    law: Literal["square", "linear", "mixed", "ambush", "logarithmic", "bracken", "helmbold"] = "linear"
    law_parameters: dict[Literal["p", "q", "w"], float] = {}
    """Bracken: p and q. Helmbold: w."""
    own_loss: ShareRate = fixed(0.0, "share_rate")
    """Own losses a day as a share of the reference strength engaged, at reference strengths and full support."""
    adversary_loss: ShareRate = fixed(0.0, "share_rate")
    reference: Reference | None = None
    """Default: the forces' strengths as written, engaged at depth 0."""
    own_loss_support: Number = fixed(0.0, "number")
    """kappa: own losses go with support to the power -kappa."""
    adversary_loss_support: Number = fixed(0.0, "number")
    """lambda: adversary losses go with support to this power."""
    advisers: Advisers | None = None
    dig_in: DigIn | None = None
    pause: Pause | None = None
    ending: Ending | None = None
    ground_lost: Share = fixed(0.0, "share")
    """Share of the ground taken that a failed attempt gives back."""
    people: PersonsProfile = [(0.0, fixed(0.0, "persons"))]
    """People living up to each share of the depth, cumulative, linear between."""


class Suspension(Sourced):
    """An operation comes to a stop, stands still, and goes on later or is given up."""

    onset: ShareRate
    """Chance a day that it comes to a stop while a contested phase of it goes; once for the operation, not for each phase."""
    short: ShareRate = fixed(0.0, "share_rate")
    """Added to it where there is no support at all, in proportion: by (1 - S), S of the phase that has least."""
    lasts: Duration
    """Median length; chance, drawn for each suspension (lognormal)."""
    spread: Number = fixed(1.0, "number")
    """80 % last between lasts/spread and lasts x spread; at least 1."""
    final: Share = fixed(0.0, "share")
    """Chance that it is never taken up again: then it fails for good at once."""


class Operation(Sourced):
    """A chain or graph of phases."""

    label: str | None = None
    intended: Day | None = None
    """Intended start of its first contested phase; delay is measured from it."""
    intended_phase: Id | None = None
    """Phase whose start is meant by ``intended``; default the first contested phase, else the first."""
    place: tuple[Degrees, Degrees] | None = None
    """Longitude and latitude, for maps."""
    suspension: Suspension | None = None
    phases: Annotated[dict[Id, Phase], Field(min_length=1)]


class Weather(Sourced):
    """Good and bad days, shared by all (a two-state chain)."""

    bad_share: Share
    persistence: Share = fixed(0.0, "share")
    """Lag-one autocorrelation of bad days."""
    tempo: Share = fixed(1.0, "share")
    """Factor on every phase's tempo on a bad day."""


class Friction(Sourced):
    """Theatre-wide day-to-day variation of tempo, shared by all, mean 1 (lognormal, AR(1) in the log)."""

    spread: Number
    """80 % of days lie between median/spread and median x spread; at least 1."""
    persistence: Share = fixed(0.0, "share")


class Momentum(Sourced):
    """Good and bad spells of each operation's own tempo that last for weeks, mean 1 (lognormal, AR(1) in the log)."""

    spread: Number
    """80 % of blocks lie between median/spread and median x spread; at least 1."""
    persistence: Share = fixed(0.0, "share")
    """Correlation of the logarithms of neighbouring blocks."""
    block: Duration = fixed(10.0, "duration")
    """Days for which tempo keeps its mood; a single value of at least 1 day."""


class Move(Sourced):
    """Adversary reserves that move to a threatened site."""

    from_: Id = Field(alias="from")
    to: Id
    rate: Rate
    keep: Share = fixed(0.0, "share")
    """Share of its first strength that the sender keeps back."""
    pinned: Share = fixed(1.0, "share")
    """Share of the flow that stops while the sender itself is under attack."""


class Replacement(Sourced):
    """Recruits, bought in part with revenue."""

    force: Id
    rate: Rate
    funded: Share = fixed(0.0, "share")
    """Elasticity to revenue: the rate goes with (revenue now / revenue at start) to this power."""


class Adversary(Sourced):
    """What the adversary has and does outside the fight."""

    territory: Area = fixed(0.0, "area")
    revenue: MoneyRate = fixed(0.0, "money_rate")
    moves: list[Move] = []
    replacements: list[Replacement] = []


class Interdiction(Sourced):
    """How cover stops attacks."""

    asset: Id
    at_full_cover: Share


class Shock(Sourced):
    """A kind of attack launched from a stock: car bombs, raids."""

    label: str | None = None
    phases: Annotated[list[PhaseRef], Field(min_length=1)]
    rate: Rate
    """Mean launches a day in each such phase that fights."""
    dispersion: Number | None = None
    """Negative binomial: variance = mean + mean^2 / dispersion. Left out: Poisson."""
    stock: Count
    produced: Rate = fixed(0.0, "rate")
    interdiction: Interdiction | None = None
    casualties: Number = fixed(0.0, "number")
    """Mean own losses per attack that comes through (Poisson)."""
    halt: Share = fixed(0.0, "share")
    """Chance that one which comes through stops the advance."""
    halts_for: Duration = fixed(1.0, "duration")


class People(Sourced):
    """How fighting treats the people who live there."""

    flee: Share
    """Share of people displaced as the fighting passes them."""
    home_after: Duration | None = None
    """Days after the end of the operation when the displaced go home; left out: not within the horizon."""
    harm: Share = fixed(0.0, "share")
    """Share of people fought over who are killed or wounded."""
    harm_per_unit: dict[Id, Number] = {}
    """Further persons harmed per unit of an asset used in a phase with people, before any rise in effects per unit."""
    displaced: dict[Id, Persons] = {}
    """People who are displaced already when the scenario starts, by operation: they go home as the others do."""


class Directed(Sourced):
    """Attacks abroad that need a sanctuary."""

    rate: Rate
    sanctuary: dict[Id, Share]
    """Share of the sanctuary that each operation takes away as it progresses; the rest stays."""


class Inspired(Sourced):
    """Attacks abroad that need none."""

    rate: Rate
    persists: Share = fixed(1.0, "share")
    """Share of the rate left once the sanctuary is gone."""


class AttacksAbroad(Sourced):
    """Explore-grade: few annual points stand behind it."""

    directed: Directed | None = None
    inspired: Inspired | None = None


class Overstretch(Model):
    """When an asset counts as overstretched: strain above a level for some days on end."""

    above: Number = fixed(1.0, "number")
    lasts: Duration = fixed(7.0, "duration")
    window: Duration = fixed(14.0, "duration")


class Attrition(Model):
    """How losses happen."""

    kind: Literal["chain", "deterministic"] = "chain"
    """``chain``: a continuous-time Markov chain of single losses. ``deterministic``: the differential equations."""
    steps: Annotated[int, Field(ge=1, le=1000)] = 4
    """Runge-Kutta steps a day (deterministic)."""
    exact_up_to: Annotated[int, Field(ge=0, le=100000)] = 10
    """Expected losses a day, both sides, up to which the chain is simulated loss by loss; above it is tau-leaped."""


class Condition(Model):
    """A gate: exactly one of date, after, progress, losses, strain, suspended, all, any. It reads yesterday's books."""

    date: Day | None = None
    after: PhaseRef | None = None
    delay: Duration = fixed(0.0, "duration")
    """With ``after``: days after the phase or operation is done."""
    progress: PhaseRef | None = None
    losses: Id | None = None
    """Share of the force (of all who ever joined it) lost."""
    strain: Id | None = None
    suspended: Id | None = None
    """Operation that is suspended."""
    at_least: Number | None = None
    above: Number | None = None
    below: Number | None = None
    for_: Duration = Field(default=fixed(1.0, "duration"), alias="for")
    """Days on end the condition must have held."""
    all: list[Condition] | None = None
    any: list[Condition] | None = None


class Relief(Model):
    """Something done for the asset that binds."""

    action: Literal["lend", "pre_position", "reserve", "surge", "reallocate"]
    asset: Id
    amount: Rate | None = None
    """Units a day; ``surge`` needs none."""
    count: Count | None = None
    """``lend``: units brought in, needed where the asset has a cap."""
    to: PhaseRef | None = None
    """``reallocate``, ``pre_position``: the phase or operation served first, up to the amount."""
    when: Condition | None = None
    """Starts when this first holds; left out: on day 0. ``surge``: surge only while it holds."""
    release: Condition | None = None
    """``reserve``: freed for good when this first holds."""
    delay: Duration = fixed(0.0, "duration")
    lasts: Duration | None = None
    cost: Number = fixed(0.0, "number")
    """Cost per unit and day in force, in the unit the case names under ``vocabulary.relief_cost``."""


class OnFailure(Model):
    """What the plan does when an attack breaks."""

    then: Literal["stop", "retry"] = "stop"
    refit: Duration = fixed(30.0, "duration")
    tries: Annotated[int, Field(ge=1, le=20)] = 2
    """Attempts in all."""


class Plan(Model):
    """What we decide."""

    title: str | None = None
    means: str | None = None
    """What it means in words."""
    gates: dict[PhaseRef, Condition] = {}
    holds: dict[PhaseRef, Condition] = {}
    """While it holds, the open phase neither advances nor attacks."""
    stops: dict[PhaseRef, Condition] = {}
    """When it first holds, the phase is given up."""
    tiers: list[list[PhaseRef]] = []
    """Who is served first; those not named come last, together."""
    priority: list[PhaseRef] = []
    """Order in which tasks claim whole assets; those not named follow in file order."""
    reserves: dict[Id, Rate] = {}
    relief: list[Relief] = []
    failures: dict[PhaseRef, OnFailure] = {}
    patience: dict[Id, Duration] = {}
    """How long a suspended operation is waited for before it is given up; left out: for ever."""
    caps: dict[Id, Count] = {}
    """Caps lifted by this plan."""


def _plans_or_dates(raw: Any) -> str:
    """Whether the two of a ``between`` are ids of plans; anything that no id looks like is taken for a date."""
    items = raw if isinstance(raw, list | tuple) else [raw]
    named = all(isinstance(item, str) and item[:1].isalpha() for item in items)
    return "plans" if named else "dates"


Between = Annotated[
    Annotated[tuple[Id, Id], Tag("plans")] | Annotated[tuple[Day, Day], Tag("dates")],
    Discriminator(_plans_or_dates),
]
"""Two plans, or two dates, both of which count."""


class ClaimEvent(Model):
    """What a claim says will happen. Dates are inclusive: what comes on the day named counts.

    Exactly one of strain, strained_most, finished, failed, open, start, measure, difference, increases, mostly, all, any.
    """

    strain: Id | None = None
    """Asset that is overstretched: ``by`` a date, or ``within`` a time from the day on which the claim was said; with neither,
    by the horizon. ``above`` and ``for`` must be those of ``overstretch``, by which histories are booked."""
    strained_most: Annotated[list[Id], Field(min_length=1)] | None = None
    """Assets whose peak strain lies above that of every other asset."""
    finished: PhaseRef | None = None
    """Done ``by`` a date, ``between`` two, or ``within`` a time from its own start; with none of them, by the horizon."""
    failed: PhaseRef | None = None
    """``by`` a date, or ``within`` a time from the day on which the claim was said; with neither, by the horizon."""
    open: PhaseRef | None = None
    """Begun and not yet ended ``while`` another is; for ``for`` at least, where that is given; ``by`` and ``within`` as for
    ``strain``."""
    while_: PhaseRef | None = Field(default=None, alias="while")
    start: PhaseRef | None = None
    """Starts ``by``, ``before`` (the same) or ``after`` a date, ``between`` two, or ``within`` a time from the day on which the
    claim was said. The dates themselves count, whichever word is used."""
    measure: str | None = None
    """Main outcome that lies ``above`` or ``below`` a number, e.g. ``losses``, ``end.mosul``, ``unmet.strike``,
    ``delay.raqqa`` (days after the intended start; never starting is the longest delay)."""
    difference: str | None = None
    """Main outcome whose difference ``between`` two plans, first less second, lies ``above`` or ``below`` a number."""
    increases: ClaimEvent | None = None
    """Event that is more probable under the plan ``to`` than under ``from``, ``by`` a share at least: ``10 points``."""
    from_: Id | None = Field(default=None, alias="from")
    to: Id | None = None
    mostly: str | None = None
    """Main outcome of which the first plan of ``between`` has more than the second, or less (``sign``), in most of the worlds
    in which the two differ."""
    sign: Literal["more", "less"] | None = None
    between: Between | None = None
    """Two plans for ``difference`` and ``mostly``; two dates for ``finished`` and ``start``."""
    each: Literal["world", "history"] = "world"
    """A ``difference`` is taken in each world, chance averaged out, or in each history."""
    by: ClaimLimit | None = None
    before: Day | None = None
    after: Day | None = None
    within: Duration | None = None
    above: NamedNumber | None = None
    below: NamedNumber | None = None
    for_: Duration = Field(default=fixed(7.0, "duration"), alias="for")
    all: list[ClaimEvent] | None = None
    any: list[ClaimEvent] | None = None
    not_: bool = Field(default=False, alias="never")
    """The event does not happen."""


class Vague(Model):
    """A vague word, and the range read into it, which takes the place of the event's only limit.

    That may be a date, a time from the day on which it was said, or a number. With ``between`` ``low`` and ``high`` take the
    place of its two dates, and each may be a range itself.
    """

    word: str
    reads_as: str | None = None
    low: ClaimEnd
    high: ClaimEnd


class Claim(Model):
    """What somebody said, as a test."""

    statement: str
    """Paraphrased."""
    speaker: str
    source: str | None = None
    said: dt.date | None = None
    published: dt.date | None = None
    plan: Id | None = None
    """Plan under which it is tested; default the first. ``difference``, ``increases`` and ``mostly`` name their own."""
    event: ClaimEvent
    at_least: Share | None = None
    """Probability from which the claim holds; with ``mostly`` the share of the worlds that differ. ``increases`` has none: it
    says by how much."""
    vague: str | Vague | None = None
    """The vague word and the range read into it. As data, the verdict is given over the whole range; durations count from
    the day on which it was said."""
    by_construction: str | None = None
    """Why the claim is kept although its plan settles it; without this ``phaseline check`` warns of such a claim."""


class Scenario(Model):
    """The world, what is not known about it, and rival plans."""

    format: Literal["phaseline/1"]
    title: str
    description: str | None = None
    as_of: dt.date
    """No source later than this may set a number."""
    start: dt.date | None = None
    """Day 0; default ``as_of``."""
    horizon: Duration
    """How long histories may last, at most 3,653 days (ten years). Reaching it is an outcome."""
    sources: dict[Id, Source] = {}
    numbers: dict[Id, NamedNumber] = {}
    correlations: list[Correlation] = []
    ensembles: dict[Id, Ensemble] = {}
    calendars: dict[Id, Calendar] = {}
    """Working days, for tasks, assets and contributions to name."""
    assets: dict[Id, Asset] = {}
    contributions: list[Contribution] = []
    forces: dict[Id, Force] = {}
    weather: Weather | None = None
    friction: Friction | None = None
    momentum: Momentum | None = None
    operations: Annotated[dict[Id, Operation], Field(min_length=1)]
    adversary: Adversary = Adversary()
    shocks: dict[Id, Shock] = {}
    people: People | None = None
    attacks_abroad: AttacksAbroad = AttacksAbroad()
    overstretch: Overstretch = Overstretch()
    attrition: Attrition = Attrition()
    claims: dict[Id, Claim] = {}
    plans: Annotated[dict[Id, Plan], Field(min_length=1)]
    off: dict[Id, Annotated[str, StringConstraints(min_length=1)]] = {}
    """Mechanisms whose data stand in the file but which are switched off in this case, each with the reason."""
    vocabulary: dict[str, str] = {}
    """Words the case prefers, e.g. ``operation: incident``."""


class PlanFile(Plan):
    """A plan in a file of its own, ``format: phaseline-plan/1``."""

    format: Literal["phaseline-plan/1"]
    name: Id


Condition.model_rebuild()
ClaimEvent.model_rebuild()
