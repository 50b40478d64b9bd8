"""Made-up people and real towns: buyers that look like buyers, and a few that try to break a screen."""

from __future__ import annotations

import random

from sync.sandbox.world.facts import Address, Buyer

__all__ = ["HOSTILE_NAMES", "german_buyer", "us_buyer"]

_US_FIRST = (
    "Olivia Liam Emma Noah Ava Ethan Sophia Mason Isabella Logan Mia Lucas Amelia Jackson Harper Aiden Evelyn James "
    "Abigail Elijah Ella Benjamin Scarlett Henry Grace Samuel Chloe Daniel Zoe Carlos Maria José Renée Siobhán Priya "
    "Wei Fatima DeShawn Latoya Miguel Hannah Owen Naomi Victor Ruth Walter"
).split()
_US_LAST = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Wilson Anderson "
    "Thomas Taylor Moore Jackson Lee Perez Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright "
    "Scott Nguyen Hill Flores Green Adams Nelson Baker Rivera Campbell O'Brien O'Neil St.James Van-Dyke Patel Kim"
).split()
_DE_FIRST = (
    "Jürgen Käthe Björn Sören Günther Änne Lukas Leon Finn Jonas Maximilian Anna Lea Lena Marie Sophie Greta Ida "
    "Matthias Stefan Katrin Ulrike Heike Dörte Rüdiger Wolfgang Brigitte Emil Frieda Thorsten Özlem Mehmet"
).split()
_DE_LAST = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein "
    "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Krause Meißner Jäger "
    "Groß Yılmaz"
).split()
_US_STREETS = (
    "Maple Ave|Oak St|Cedar Ln|Elm St|Washington Blvd|Lakeview Dr|2nd Ave|Park Pl|Sunset Blvd|River Rd|"
    "Peachtree St NE|Main St|W 34th St|County Road 12|Mission St|N Michigan Ave|Magnolia Ct|Highland Ave"
).split("|")
_DE_STREETS = (
    "Hauptstraße|Gartenweg|Bahnhofstraße|Goethestraße|Schulstraße|Am Mühlbach|Königsallee|Lindenstraße|"
    "Bergstraße|Kirchgasse|Fährstraße|Grüner Weg|Rosenstraße|An der Höhe"
).split("|")
_US_TOWNS = (
    "Austin,TX,78701|Houston,TX,77002|Dallas,TX,75201|Los Angeles,CA,90012|San José,CA,95112|San Diego,CA,92101|"
    "Sacramento,CA,95814|New York,NY,10001|Buffalo,NY,14202|Miami,FL,33130|Tampa,FL,33602|Orlando,FL,32801|"
    "Chicago,IL,60601|Springfield,IL,62701|Columbus,OH,43215|Cleveland,OH,44113|Atlanta,GA,30303|Savannah,GA,31401|"
    "Philadelphia,PA,19103|Pittsburgh,PA,15222|Seattle,WA,98101|Spokane,WA,99201|Denver,CO,80202|Boulder,CO,80302|"
    "Portland,OR,97201|Phoenix,AZ,85004|Nashville,TN,37203|Raleigh,NC,27601|Boston,MA,02108|Minneapolis,MN,55401|"
    "Concord,NH,03301|Anchorage,AK,99501|Cañon City,CO,81212|Winston-Salem,NC,27101"
).split("|")
_DE_TOWNS = (
    "München,Bayern,80331|Nürnberg,Bayern,90402|Köln,Nordrhein-Westfalen,50667|Düsseldorf,Nordrhein-Westfalen,40213|"
    "Münster,Nordrhein-Westfalen,48143|Berlin,Berlin,10115|Hamburg,Hamburg,20095|Frankfurt am Main,Hessen,60311|"
    "Stuttgart,Baden-Württemberg,70173|Tübingen,Baden-Württemberg,72070|Dresden,Sachsen,01067|Leipzig,Sachsen,04109|"
    "Lübeck,Schleswig-Holstein,23552|Göttingen,Niedersachsen,37073|Saarbrücken,Saarland,66111|"
    "Görlitz,Sachsen,02826|Würzburg,Bayern,97070|Erfurt,Thüringen,99084"
).split("|")
_FIRMS = ("Brightside Dental LLC", "Cobalt Coffee Roasters", "Hübner & Söhne GmbH", "North Fork Supply, Inc.")

#: Texts that are data everywhere: markup, terminal control, direction override, length, quotes, formula.
HOSTILE_NAMES = (
    "[/foo]",
    "[@click=app.bell]hi[/]",
    "\x1b[31mRed\x1b[0m \x1b]0;owned\x07",
    "Dana \u202eyenoM\u202c Cohen",
    "Robert'); DROP TABLE buyers;--",
    '=HYPERLINK("http://example.invalid","x")',
    "Åsa \u200bZero\u200bWidth \U0001f9d1\u200d\U0001f680",
    "Long " + "Name " * 1000,
)


#: Two people never share a telephone number; the numbers are of ranges that are kept for fiction.
_AREAS, _LINES, _SCATTER = 789, 100, 7919


def _us_phone(rng: random.Random, number: int, domain: str) -> str:
    # Drawn and not used: without these draws each seed would give another world.
    rng.randint(201, 989), rng.randint(100, 199)
    place = (2 * number + (domain == "relay.walmart.com")) * _SCATTER % (_AREAS * _LINES)
    return f"+1 {201 + place // _LINES}-555-{100 + place % _LINES:04d}"


def _german_phone(rng: random.Random, number: int) -> str:
    rng.randint(100, 999)
    return f"+49 30 55{number * _SCATTER % 999_983:06d}"


def _relay(rng: random.Random, domain: str) -> str:
    return "".join(rng.choice("abcdefghjkmnpqrstuvwxyz0123456789") for _ in range(14)) + "@" + domain


def us_buyer(rng: random.Random, number: int, domain: str) -> Buyer:
    """Return a buyer in the United States with a relay address at `domain`."""
    name = f"{rng.choice(_US_FIRST)} {rng.choice(_US_LAST)}"
    city, state, zip_code = rng.choice(_US_TOWNS).split(",")
    second = rng.choice([None, None, None, f"Apt {rng.randint(1, 40)}", f"Suite {rng.randint(100, 900)}", "Unit #B"])
    address = Address(
        name=name,
        line1=f"{rng.randint(1, 9999)} {rng.choice(_US_STREETS)}",
        line2=second,
        city=city,
        region=state,
        postal_code=zip_code,
        country="US",
        phone=_us_phone(rng, number, domain),
    )
    company = rng.choice(_FIRMS) if rng.random() < 0.04 else None
    return Buyer(f"U{number:06d}", name, _relay(rng, domain), company, address)


def german_buyer(rng: random.Random, number: int, domain: str) -> Buyer:
    """Return a buyer in Germany with a relay address at `domain`."""
    name = f"{rng.choice(_DE_FIRST)} {rng.choice(_DE_LAST)}"
    city, state, zip_code = rng.choice(_DE_TOWNS).split(",")
    address = Address(
        name=name,
        line1=f"{rng.choice(_DE_STREETS)} {rng.randint(1, 180)}{rng.choice(['', '', '', 'a', 'b'])}",
        line2=rng.choice([None, None, None, "c/o Weiß", "Hinterhaus"]),
        city=city,
        region=state,
        postal_code=zip_code,
        country="DE",
        phone=_german_phone(rng, number),
    )
    company = "Hübner & Söhne GmbH" if rng.random() < 0.03 else None
    return Buyer(f"D{number:06d}", name, _relay(rng, domain), company, address)
