"""What Acme Goods sells, and under which SKU on which channel."""

from __future__ import annotations

import random
from decimal import Decimal

from sync.sandbox.world.facts import Listing, Product

__all__ = ["CURRENCIES", "NO_ITEM_NUMBERS", "build_listings", "build_products", "unmapped_skus"]

CURRENCIES = {"amazon.US": "USD", "amazon.DE": "EUR", "walmart.US": "USD"}
#: Products that the company never entered as items.
NO_ITEM_NUMBERS = ("ACM-CND-03", "ACM-MUG-12")

# number, English title, German title, USD, EUR gross, category
_ROWS = """
ACM-KET-17-BLK|Gooseneck Kettle 1.7 L, Black|Schwanenhals-Wasserkocher 1,7 l, Schwarz|59.99|64.99|Kitchen
ACM-KET-17-WHT|Gooseneck Kettle 1.7 L, White|Schwanenhals-Wasserkocher 1,7 l, Weiß|59.99|64.99|Kitchen
ACM-FRP-08|French Press 8 Cup|Stempelkanne für 8 Tassen|29.95|32.90|Kitchen
ACM-FRP-03|French Press 3 Cup|Stempelkanne für 3 Tassen|19.95|21.90|Kitchen
ACM-GRD-01|Burr Coffee Grinder|Kaffeemühle mit Kegelmahlwerk|89.00|94.00|Kitchen
ACM-MUG-12|Stoneware Mug 12 oz, Set of 4|Steingutbecher 350 ml, 4er-Set|34.50|36.50|Kitchen
ACM-MUG-16|Travel Mug 16 oz|Thermobecher 470 ml|24.99|26.99|Kitchen
ACM-SCL-05|Kitchen Scale 5 kg|Küchenwaage 5 kg|22.49|23.99|Kitchen
ACM-CUT-03|Bamboo Cutting Boards, Set of 3|Schneidebretter aus Bambus, 3er-Set|27.99|29.99|Kitchen
ACM-KNF-08|Chef's Knife 8 in|Kochmesser 20 cm, „Solingen-Art“|49.95|52.95|Kitchen
ACM-PAN-10|Cast Iron Skillet 10 in|Gusseiserne Pfanne 26 cm|32.00|36.00|Kitchen
ACM-PAN-12|Cast Iron Skillet 12 in|Gusseiserne Pfanne 30 cm|44.00|48.00|Kitchen
ACM-BOX-10|Glass Food Containers, 10 Pieces|Frischhaltedosen aus Glas, 10-teilig|39.99|42.99|Kitchen
ACM-LMP-01|LED Desk Lamp with USB|LED-Schreibtischlampe mit USB|36.99|39.99|Home
ACM-LMP-02|Reading Light, Clip-On|Leselampe mit Klemme|15.99|16.99|Home
ACM-CND-03|Soy Candle, Trio|Sojawachskerzen, 3er-Set|21.00|22.50|Home
ACM-BLK-50|Fleece Throw 50 x 60|Fleecedecke 130 × 150 cm|25.99|27.99|Home
ACM-BLK-60|Weighted Blanket 15 lb|Gewichtsdecke 7 kg|69.00|74.00|Home
ACM-PIL-02|Memory Foam Pillow, Pair|Nackenstützkissen, Paar|45.00|47.00|Home
ACM-ORG-06|Drawer Organizer, 6 Bins|Schubladen-Ordnungssystem, 6 Fächer|18.99|19.99|Home
ACM-HNG-20|Velvet Hangers, 20 Pack|Samt-Kleiderbügel, 20 Stück|17.99|18.99|Home
ACM-TWL-06|Bath Towels, Set of 6|Duschtücher, 6er-Set|42.00|44.00|Home
ACM-MAT-01|Bath Mat, Quick Dry|Badematte, schnelltrocknend|23.50|24.90|Home
ACM-CLK-01|Silent Wall Clock 12 in|Lautlose Wanduhr 30 cm|19.99|21.99|Home
ACM-YGA-06|Yoga Mat 6 mm|Yogamatte 6 mm|28.99|29.99|Sports
ACM-YGA-BLK|Yoga Blocks, Pair|Yogablöcke, Paar|14.99|15.99|Sports
ACM-RES-05|Resistance Bands, Set of 5|Fitnessbänder, 5er-Set|16.99|17.99|Sports
ACM-DMB-10|Adjustable Dumbbell 10 lb|Verstellbare Kurzhantel 5 kg|39.00|42.00|Sports
ACM-BTL-24|Insulated Bottle 24 oz|Isolierflasche 700 ml|26.95|28.95|Sports
ACM-BTL-32|Insulated Bottle 32 oz|Isolierflasche 950 ml|31.95|33.95|Sports
ACM-TNT-02|Backpacking Tent, 2 Person|Trekkingzelt für 2 Personen|129.00|139.00|Outdoors
ACM-SLP-20|Sleeping Bag 20 F|Schlafsack -7 °C|79.99|84.99|Outdoors
ACM-HDL-03|Rechargeable Headlamp|Stirnlampe, aufladbar|24.50|25.90|Outdoors
ACM-CHR-01|Folding Camp Chair|Campingstuhl, faltbar|37.99|39.99|Outdoors
ACM-CLR-20|Soft Cooler 20 Can|Kühltasche für 20 Dosen|45.50|47.90|Outdoors
ACM-HMK-01|Travel Hammock|Reisehängematte|33.00|35.00|Outdoors
ACM-GLV-M|Garden Gloves, Medium|Gartenhandschuhe, Größe M|12.49|12.99|Garden
ACM-GLV-L|Garden Gloves, Large|Gartenhandschuhe, Größe L|12.49|12.99|Garden
ACM-PRN-01|Bypass Pruner|Gartenschere|18.95|19.95|Garden
ACM-HOS-50|Expandable Hose 50 ft|Flexibler Gartenschlauch 15 m|34.99|36.99|Garden
ACM-PLT-04|Seed Starter Trays, 4 Pack|Anzuchtschalen, 4er-Pack|15.49|16.49|Garden
ACM-SOL-08|Solar Path Lights, 8 Pack|Solar-Wegeleuchten, 8 Stück|38.99|41.99|Garden
ACM-CBL-C2|USB-C Cable 2 m, 2 Pack|USB-C-Kabel 2 m, 2 Stück|12.99|13.99|Office
ACM-HUB-07|USB-C Hub 7-in-1|USB-C-Hub, 7-in-1|41.99|44.99|Office
ACM-STD-01|Laptop Stand, Aluminium|Laptop-Ständer aus Aluminium|32.99|34.99|Office
ACM-KBD-02|Compact Keyboard|Kompakte Tastatur (QWERTZ)|49.00|52.00|Office
ACM-MSE-01|Quiet Wireless Mouse|Leise Funkmaus|19.49|20.49|Office
ACM-PEN-12|Gel Pens, 12 Colors|Gelschreiber, 12 Farben|9.99|10.99|Office
ACM-NTB-03|Dotted Notebooks, 3 Pack|Notizbücher, gepunktet, 3er-Pack|16.50|17.50|Office
ACM-BAG-15|Laptop Sleeve 15 in|Laptop-Hülle 15 Zoll|21.99|22.99|Office
ACM-DOG-BED|Orthopedic Dog Bed, Large|Orthopädisches Hundebett, groß|64.99|69.99|Pets
ACM-DOG-LSH|Reflective Leash 6 ft|Reflektierende Leine 1,8 m|13.99|14.99|Pets
ACM-CAT-TWR|Cat Tower 52 in|Kratzbaum 132 cm|84.00|89.00|Pets
ACM-CAT-FNT|Cat Water Fountain|Katzen-Trinkbrunnen|29.99|31.99|Pets
ACM-SET-COF|Coffee Starter Set (Kettle + French Press)|Kaffee-Starterset (Kessel + Stempelkanne)|79.99|86.99|Kitchen
ACM-TOY-BLK|Wooden Blocks, 100 Pieces [@click=app.quit]new[/]|Holzbausteine, 100 Teile [/b]|35.99|37.99|Toys
ACM-TOY-PZL|Floor Puzzle \x1b[2J Ocean, 48 Pieces|Bodenpuzzle „Ozean“, 48 Teile|18.49|19.49|Toys
"""

#: Seller-fulfilled SKUs that no item answers to: named differently, or the item was never entered.
_ODD_SELLER_SKUS = {
    ("amazon.US", "ACM-BTL-24"): "AMZ-ACM-BTL-24",
    ("amazon.DE", "ACM-KET-17-WHT"): "ACM-KET-17-WHT-DE",
    ("walmart.US", "ACM-YGA-06"): "WM_ACM_YGA_06",
    ("amazon.US", "ACM-PAN-10"): "PAN10-CASTIRON",
    ("amazon.US", "ACM-CND-03"): "ACM-CND-03",
    ("walmart.US", "ACM-MUG-12"): "ACM-MUG-12",
}
#: Sold by the seller under the item's name and by the channel under a second SKU.
_CHANNEL_TWINS = {
    ("amazon.US", "ACM-FRP-08"): "ACM-FRP-08-FBA",
    ("amazon.DE", "ACM-GRD-01"): "ACM-GRD-01-FBA-DE",
    ("walmart.US", "ACM-MUG-16"): "ACM-MUG-16-WFS",
}
#: Differs from the item's name in letter case only.
_CASE_ONLY = {("amazon.US", "ACM-GLV-M"): "acm-glv-m", ("walmart.US", "ACM-CBL-C2"): "Acm-Cbl-C2"}


def build_products(rng: random.Random) -> list[Product]:
    """Return the catalogue; ASINs and UPCs are drawn from `rng`."""
    products = []
    for position, row in enumerate(_ROWS.strip().splitlines(), start=1):
        number, title, title_de, usd, eur, category = row.replace("\\x1b", "\x1b").split("|")
        upc = "8" + "".join(str(rng.randint(0, 9)) for _ in range(10))
        products.append(
            Product(
                product_id=position,
                number=number,
                title=title,
                title_de=title_de,
                price_usd=Decimal(usd),
                price_eur=Decimal(eur),
                asin="B0" + "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(8)),
                upc=upc + _check_digit(upc),
                weight_lb=Decimal(rng.randint(20, 900)) / 100,
                category=category,
                is_bundle=number == "ACM-SET-COF",
            )
        )
    return products


def _check_digit(digits: str) -> str:
    """Return the last digit of a UPC-A (GS1 general specifications, section 7.9)."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(digits))
    return str(-total % 10)


def build_listings(products: list[Product]) -> list[Listing]:
    """Return each channel's listings: every product fulfilled by seller, channel or both under two SKUs."""
    return [
        listing
        for channel in CURRENCIES
        for index, product in enumerate(products)
        for listing in _listings_of(channel, index, product)
    ]


def _listings_of(channel: str, index: int, product: Product) -> list[Listing]:
    key = (channel, product.number)
    if product.number in NO_ITEM_NUMBERS and key not in _ODD_SELLER_SKUS:
        return []
    if key in _ODD_SELLER_SKUS:
        return [_listing(channel, product, _ODD_SELLER_SKUS[key], "seller")]
    if (channel == "amazon.DE" and index % 5 == 4) or (channel == "walmart.US" and index % 6 == 5):
        return []
    fulfilled_by = "seller" if index % 2 == 0 else "channel"
    listings = [_listing(channel, product, _CASE_ONLY.get(key, product.number), fulfilled_by)]
    if key in _CHANNEL_TWINS:
        listings.append(_listing(channel, product, _CHANNEL_TWINS[key], "channel"))
    return listings


def _listing(channel: str, product: Product, sku: str, fulfilled_by: str) -> Listing:
    german = channel == "amazon.DE"
    return Listing(
        channel=channel,
        sku=sku,
        product=product,
        price=product.price_eur if german else product.price_usd,
        currency=CURRENCIES[channel],
        title=product.title_de if german else product.title,
        fulfilled_by=fulfilled_by,
        asin=product.asin if channel.startswith("amazon") else None,
        gtin="00" + product.upc if channel.startswith("walmart") else None,
    )


def unmapped_skus(channel: str) -> list[str]:
    """Return the channel's seller-fulfilled SKUs that no item answers to by name."""
    return [sku for (where, _), sku in _ODD_SELLER_SKUS.items() if where == channel]
