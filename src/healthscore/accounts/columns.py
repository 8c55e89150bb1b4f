"""Which column of an export is which: roles by their usual names, inputs by the model's names, the rest as extras.

Names match as wholes, without regard to case, spaces, underscores and hyphens. Nothing is guessed from parts of
names: a wrong column in a score is worse than one that has to be mapped by hand.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from healthscore.errors import AccountsError
from healthscore.model.schema import ScoreModel
from healthscore.model.vocabulary import ROLES, InputType
from healthscore.names import key

#: The usual names of each role, the most telling first. A model puts its own before them (`[columns]`).
ROLE_ALIASES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "account id", "customer id", "client id", "company id", "org id", "organization id", "organisation id",
        "account number", "account no", "customer number", "customer no", "client number", "tenant id", "workspace id",
        "salesforce id", "sfdc id", "sf account id", "crm id", "record id", "hubspot id", "external id", "uuid", "guid",
    ),
    "account": (
        "account", "account name", "customer name", "client name", "company name", "customer", "company", "client",
        "organization name", "organisation name", "organization", "organisation", "org name", "org", "name", "firm",
        "business name", "tenant", "workspace",
    ),
    "owner": (
        "owner", "account owner", "account owner name", "owner name", "csm", "csm name", "csm owner", "csm manager",
        "customer success manager", "customer success owner", "success manager", "account manager", "assigned to",
        "assignee", "responsible", "am", "rep", "sales rep", "account executive",
    ),
    "stage": (
        "stage", "lifecycle stage", "life cycle stage", "customer stage", "account stage", "lifecycle", "journey stage",
        "phase", "lifecycle phase", "status", "account status", "customer status",
    ),
    "region": (
        "region", "sales region", "location", "country", "territory", "geo", "geography", "market", "area", "state",
        "city",
    ),
    "value": (
        "value", "account value", "arr", "annual recurring revenue", "acv", "annual contract value", "contract value",
        "arr usd", "arr eur", "annual revenue", "mrr", "monthly recurring revenue", "tcv", "total contract value",
        "contract amount", "subscription value", "revenue", "amount", "monthly charges",
    ),
    "renewal": (
        "renewal", "renewal date", "renewal at", "next renewal", "next renewal date", "contract renewal",
        "contract renewal date", "contract end", "contract end date", "subscription end", "subscription end date",
        "end date", "expiry", "expiry date", "expiration", "expiration date", "contract expiry", "renews on",
    ),
    "segment": (
        "segment", "customer segment", "account segment", "size", "company size", "account size", "customer size",
        "tier", "account tier", "customer tier", "plan", "plan tier", "plan name", "cohort",
    ),
}  # fmt: skip
#: What kind of values each role has.
ROLE_TYPES: dict[str, InputType] = {**dict.fromkeys(ROLES, "category"), "value": "number", "renewal": "date"}
#: Roles whose column may also serve as a model column; the others are altered on reading (filled, spelling unified).
_SHARED_ROLES = ("owner", "stage", "region", "value", "renewal")


@dataclass(frozen=True)
class ColumnMatch:
    """Which header serves which role and which model column, and which headers serve none.

    `bound` names the model columns that have no column of their own because a role's column holds them.
    """

    roles: dict[str, str]
    inputs: dict[str, str]
    extras: tuple[str, ...]
    bound: dict[str, str]


def match_columns(model: ScoreModel, headers: Sequence[str], mapping: Mapping[str, str] | None = None) -> ColumnMatch:
    """Match the headers of an export to the roles and the model's columns.

    Args:
        model: the scoring model, whose `columns` may list further names.
        headers: the export's headers, each different.
        mapping: {header of the export: role or model column}, which wins over every other match.

    Raises:
        AccountsError: the mapping names a header or a target that does not exist, or one target twice; or the model
            reads a role's column as another kind of value.
    """
    kinds = model.input_columns()
    own_aliases = {key(name): others for name, others in model.columns.items()}
    mapped_roles, mapped_inputs = _settle(headers, list(kinds), mapping or {})
    taken = {*mapped_roles.values(), *mapped_inputs.values()}
    free = _by_key(header for header in headers if header not in taken)
    inputs = dict(mapped_inputs)
    for name in kinds:
        if name not in inputs and key(name) not in ROLES:
            found = _first(free, (name, *own_aliases.get(key(name), ())), set(inputs.values()))
            if found is not None:
                inputs[name] = found
    # A header mapped to a model column still serves the role that this model column is named after.
    lookup = {**{key(name): header for name, header in inputs.items()}, **free}
    roles = dict(mapped_roles)
    for role in ROLES:
        named = [alias for name in kinds if key(name) == role for alias in own_aliases.get(key(name), ())]
        aliases = (*own_aliases.get(role, ()), *named, role, *ROLE_ALIASES[role])
        if role not in roles and (found := _first(lookup, aliases, set(roles.values()))) is not None:
            roles[role] = found
    bound = _bind(kinds, roles, inputs)
    inputs.update({name: roles[role] for name, role in bound.items() if role in roles})
    used = {*roles.values(), *inputs.values()}
    return ColumnMatch(roles, inputs, tuple(header for header in headers if header not in used), bound)


def find_header(headers: Iterable[str], name: str) -> str | None:
    """Return the header that is `name`: letter for letter, else by the rule that matches names."""
    names = list(headers)
    return name if name in names else _by_key(names).get(key(name))


def no_such(place: str, name: str, known: Iterable[str]) -> AccountsError:
    """Say that a name is unknown, and which ones may have been meant."""
    names = list(dict.fromkeys(known))
    close = difflib.get_close_matches(key(name), [key(other) for other in names], n=3, cutoff=0.6)
    meant = [other for form in close for other in names if key(other) == form]
    mend = (
        f"did you mean {' or '.join(map(repr, dict.fromkeys(meant)))}?" if meant else f"there are: {', '.join(names)}"
    )
    return AccountsError(f"{place}: there is no column {name!r}; {mend}")


def _by_key(names: Iterable[str]) -> dict[str, str]:
    """Return {matching form: name}; the first name wins where two have one form."""
    forms: dict[str, str] = {}
    for name in names:
        forms.setdefault(key(name), name)
    return forms


def _first(lookup: Mapping[str, str], aliases: Iterable[str], taken: set[str]) -> str | None:
    for alias in aliases:
        found = lookup.get(key(alias))
        if found is not None and found not in taken:
            return found
    return None


def _settle(
    headers: Sequence[str], columns: Sequence[str], mapping: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    roles: dict[str, str] = {}
    inputs: dict[str, str] = {}
    for given, target in mapping.items():
        header = find_header(headers, given)
        if header is None:
            raise no_such(f"--map {given}={target}", given, headers)
        column = find_header(columns, target)
        place, name = (inputs, column) if column is not None else (roles, key(target))
        if key(target) in ROLES:
            place, name = roles, key(target)
        elif column is None:
            raise no_such(f"--map {given}={target}", target, (*columns, *ROLES))
        if name in place:
            raise AccountsError(f"--map: {place[str(name)]!r} and {header!r} are both mapped to {target!r}; keep one")
        place[str(name)] = header
    return roles, inputs


def _bind(kinds: Mapping[str, InputType], roles: Mapping[str, str], inputs: Mapping[str, str]) -> dict[str, str]:
    bound: dict[str, str] = {}
    for name, kind in kinds.items():
        if key(name) in ROLES:
            role = key(name)
            if kind != ROLE_TYPES[role]:
                raise AccountsError(
                    f"the model reads {name!r} as a {kind}, but every account's {role} is a {ROLE_TYPES[role]}; "
                    "give the model's column another name"
                )
            bound[name] = role
            continue
        for role in _SHARED_ROLES:
            if name in inputs and roles.get(role) == inputs[name] and kind == ROLE_TYPES[role]:
                bound[name] = role
    return bound
