"""The invented customers that all samples draw from: who they are, where, how large, and how they are doing.

The same customer is in the same condition in every sample, so that models can be compared on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from makers.draw import Draw

OWNERS = {
    "North America": ("Grace Adeyemi", "Marcus Bell"),
    "UK & Ireland": ("Hannah Weiss", "Marcus Bell"),
    "Europe": ("Hannah Weiss", "Jonas Lindqvist"),
    "Asia-Pacific": ("Priya Raman",),
    "Latin America": ("Grace Adeyemi", "Priya Raman"),
}

#: Exactly as long as the model allows a name to be: 80 characters.
LONGEST_NAME = "Gesellschaft für angewandte Prozessüberwachung und Qualitätssicherung Trier GmbH"
#: Size, how the account is doing, stage, region, names.
BOOK: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("Enterprise", "strong", "Deployed", "Europe", ("Nordvik Shipping Group", "Straßburger Maschinenbau AG")),
    ("Enterprise", "strong", "Deployed", "North America", ("Castellan Insurance", "Pacific Crest Utilities")),
    ("Enterprise", "strong", "Deployed", "Asia-Pacific", ("Tanaka Precision Works",)),
    ("Enterprise", "strong", "Deployed", "UK & Ireland", ("Fairholm Water",)),
    ("Enterprise", "steady", "Deployed", "UK & Ireland", ("Kestrel & Hale Logistics", "Wexford National Bank")),
    ("Enterprise", "steady", "Deployed", "Europe", (LONGEST_NAME,)),
    ("Enterprise", "steady", "Deployed", "Europe", ("Hôpitaux Réunis du Léman",)),
    ("Enterprise", "slipping", "Deployed", "Latin America", ("Banco Ribeira",)),
    ("Enterprise", "poor", "Deployed", "UK & Ireland", ("Meridian Rail Services",)),
    ("Enterprise", "steady", "Prospect", "Asia-Pacific", ("Okafor Energy Holdings",)),
    ("Medium", "strong", "Deployed", "North America", ("Brightwater Foods", "Peakline Outdoor")),
    ("Medium", "strong", "Deployed", "North America", ("Tidewater Credit Union",)),
    ("Medium", "strong", "Deployed", "Europe", ("Sørensen Vinduer A/S", "Zürcher Holzbau")),
    ("Medium", "strong", "Deployed", "UK & Ireland", ("O'Malley Building Supplies",)),
    ("Medium", "strong", "Trial", "North America", ("Juniper Street Media",)),
    ("Medium", "steady", "Deployed", "UK & Ireland", ("Calder Valley College", "Greyfriars Legal")),
    ("Medium", "steady", "Deployed", "Latin America", ("Ferreira & Filhos", "Café Mexicali Franquicias")),
    ("Medium", "steady", "Deployed", "Asia-Pacific", ("Harlow Dental Group", "Silva Instruments")),
    ("Medium", "slipping", "Deployed", "Europe", ("Atelier Cœur de Ville", "Łódź Textile Partners")),
    ("Medium", "slipping", "Deployed", "North America", ("Hammond Freight",)),
    ("Medium", "slipping", "Trial", "UK & Ireland", ("Vantage Point Surveyors",)),
    ("Medium", "poor", "Deployed", "Europe", ("Délices de l'Ouest",)),
    ("Medium", "poor", "Deployed", "North America", ("Rosewood Hotels Trust",)),
    ("Medium", "steady", "Prospect", "Asia-Pacific", ("Mbeki & Daughters",)),
    ("Small", "strong", "Deployed", "UK & Ireland", ("Nine Elms Physio", "Marsh Lane Vets", "Hedgerow Florists")),
    ("Small", "strong", "Deployed", "North America", ("Copper Kettle Brewing", "Bluefinch Accounting")),
    ("Small", "strong", "Deployed", "Europe", ("Müller Zahntechnik", "Ingrid Åkesson Design", "Novák Servis s.r.o.")),
    ("Small", "strong", "Trial", "Asia-Pacific", ("Kapoor Opticians",)),
    ("Small", "steady", "Deployed", "North America", ("Pixel Orchard", "Three Rivers Surveying", "Sparrow Payroll")),
    ("Small", "steady", "Deployed", "Europe", ("D'Angelo Coffee Imports", "Le Petit Atelier")),
    ("Small", "steady", "Deployed", "UK & Ireland", ("Ridge & Rowe Architects", "Stonebridge Lettings")),
    ("Small", "slipping", "Deployed", "UK & Ireland", ("Eastgate Print", "Tandem Cycles")),
    ("Small", "steady", "Deployed", "Latin America", ("Señal Radio",)),
    ("Small", "steady", "Trial", "Europe", ("Björk Keramik",)),
    ("Small", "poor", "Deployed", "North America", ("Halcyon Yoga", "Osprey Roofing")),
    ("Small", "poor", "Deployed", "UK & Ireland", ("Fenwick Tutors",)),
    ("Small", "poor", "Trial", "Asia-Pacific", ("Windmill Nursery",)),
    ("Small", "steady", "Prospect", "Europe", ("Quill Translations",)),
    ("", "steady", "Deployed", "North America", ("Arbor Analytics",)),
    ("", "steady", "Deployed", "UK & Ireland", ("Thistle & Co.",)),
)  # fmt: skip


@dataclass(frozen=True)
class Customer:
    """One invented customer; `size` may be blank, `state` is strong, steady, slipping or poor."""

    name: str
    size: str
    state: str
    stage: str
    region: str


CUSTOMERS = tuple(
    Customer(name, size, state, stage, region) for size, state, stage, region, names in BOOK for name in names
)


def some_customers(seed: str, counts: Mapping[str, int], prospects: int = 0) -> list[Customer]:
    """Return so many customers of each size, and so many prospects, picked in an order of the seed's own."""
    mixed = sorted(CUSTOMERS, key=lambda customer: Draw(seed, "pick " + customer.name).between((0, 1)))
    buying = [customer for customer in mixed if customer.stage != "Prospect"]
    picked = [customer for size, count in counts.items() for customer in [c for c in buying if c.size == size][:count]]
    return picked + [customer for customer in mixed if customer.stage == "Prospect"][:prospects]
