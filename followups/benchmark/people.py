"""Pure: the customers of a generated book as lines for COPY: names, places, owners, visits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from followups.benchmark.book import NAMES, VISITS, Size, stream

SELLERS = 12
CITIES = [
    ("上海", "上海"), ("江苏", "苏州"), ("江苏", "无锡"), ("浙江", "杭州"), ("浙江", "宁波"),
    ("广东", "广州"), ("广东", "佛山"), ("山东", "青岛"), ("四川", "成都"), ("湖北", "武汉"),
    ("福建", "厦门"), ("陕西", "西安"),
]  # fmt: skip
BRANDS = "恒通瑞达华盛鑫源永兴宏远嘉禾德信润丰金诚"
TRADES = ["五金", "建材", "机电", "食品", "纺织", "化工", "医疗器械", "包装", "电子", "家具"]
FAMILY = "王李张刘陈杨黄赵吴周"
CONTACT_EVERY, VISIT_EVERY, VISITED_WITHIN = 2, 5, 180
CUSTOMERS_AT_ONCE = 50_000


def customers(size: Size) -> Iterator[list[str]]:
    """Place, code, name, number of the owner, industry, region, city and phone."""
    for start in range(0, size.customers, CUSTOMERS_AT_ONCE):
        numbers = range(start, min(start + CUSTOMERS_AT_ONCE, size.customers))
        rng, n = stream(size, NAMES, start), len(numbers)
        draws = [
            rng.integers(0, len(each), n).tolist() for each in (CITIES, BRANDS, BRANDS, TRADES)
        ]
        yield [line(*each) for each in zip(numbers, *draws, strict=True)]


def line(number: int, city: int, brand: int, second: int, trade: int) -> str:
    region, town = CITIES[city]
    name = f"{town}{BRANDS[brand]}{BRANDS[second]}{TRADES[trade]}有限公司"
    phone = f"138{number:08}"
    owner = str(number % SELLERS)
    return "\t".join(
        [str(number), f"B{number:07}", name, owner, TRADES[trade], region, town, phone]
    )


def contacts(size: Size) -> Iterator[str]:
    """Place of the customer, name and mobile number, for one customer in two."""
    for number in range(0, size.customers, CONTACT_EVERY):
        name = FAMILY[number // CONTACT_EVERY % len(FAMILY)] + BRANDS[number // 7 % len(BRANDS)]
        yield f"{number}\t{name}\t139{number:08}"


def visits(size: Size, *, last_day: int) -> Iterator[str]:
    """Place of the customer and the moment of the one visit, for one customer in five."""
    visited = range(0, size.customers, VISIT_EVERY)
    ago = stream(size, VISITS).integers(0, VISITED_WITHIN * 24 * 60, len(visited)).tolist()
    end = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=last_day)
    for number, minutes in zip(visited, ago, strict=True):
        yield f"{number}\t{(end - timedelta(minutes=minutes)).isoformat()}"


def seller(number: int) -> str:
    return f"seller{number + 1:02}"
