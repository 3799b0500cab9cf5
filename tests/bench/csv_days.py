"""Made-up days of the two CSV archives that are read, by a seed: their columns, words and faults.

Shares are those of published days: mostly class A, some rows before a vessel's first static
report, static reports as rows of their own at 91, 0, text columns that repeat from row to row,
what is unknown left empty or called so, exact repeats heard by a second station.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

N_VESSELS = 3000
SLICE_ROWS = 250_000
DAY_S = 86_400
MOBILES = {
    "Class A": 0.80,
    "Class B": 0.14,
    "Base Station": 0.03,
    "AtoN": 0.025,
    "SAR Airborne": 0.005,
}
FIXED = ["Base Station", "AtoN"]
REPEATED = 0.03  # of the rows, once more right behind
STATIC_ROWS = 0.04
ANONYMOUS = 0.05  # of the rows, from before a vessel's first static report
UNMEASURED = 0.06  # of the courses, headings and rates of turn
STEADY = 0.7  # of the rates of turn of vessels under way
ANCHORED = 0.45  # of the vessels
WORDS = ["NORTH", "SEA", "STAR", "EVER", "OCEAN", "ATLANTIC", "PRINCESS", "QUEEN", "BALTIC"]
WORDS += ["VIKING", "PEARL", "LADY", "ANNA", "FREJA", "ORESUND"]
PLACES = {
    "ROTTERDAM": 0.2,
    "GOTHENBURG": 0.2,
    "Unknown": 0.2,
    "DK AAR": 0.2,
    "SKAGEN": 0.14,
    '"SKAGEN, DK"': 0.03,
    "GUARD VESSEL": 0.03,
}
DANISH_HEADER = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,"
    "IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,"
    "Destination,ETA,Data source type,A,B,C,D\n"
)
AMERICAN_HEADER = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,"
    "Width,Draft,Cargo,TransceiverClass\n"
)


@dataclass(frozen=True)
class Day:
    """Rows in the order of receipt: whose they are, when, where and how they moved."""

    vessel: np.ndarray
    t_s: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    sog: np.ndarray
    cog: np.ndarray


@dataclass(frozen=True)
class Told:
    """What vessels tell on a day; columns are by vessel but for the last three."""

    day: Day
    about: dict
    mobile: np.ndarray
    status: np.ndarray  # of each row
    said: pa.Array  # what the static columns can hold
    said_at: np.ndarray  # which of that, of each row


def write_danish_day(path, n_rows, seed, date="10/11/2025"):
    """Write a day in the layout of the Danish Maritime Authority from 2025 on."""
    rng = np.random.default_rng(seed)
    day, about = sailed(n_rows, rng, (54.0, 58.0), (7.0, 15.0)), fleet(rng)
    mobile = rng.choice(list(MOBILES), N_VESSELS, p=list(MOBILES.values()))
    is_fixed = np.isin(mobile, FIXED)
    status = np.where(about["is_anchored"], "Moored", "Under way using engine")
    status[rng.random(N_VESSELS) < 0.1] = "Engaged in fishing"
    status[(mobile == "Class B") | is_fixed] = "Unknown value"
    said = written(about, np.arange(N_VESSELS))
    told = Told(day, about, mobile, status[day.vessel], said, day.vessel)
    write_danish(path, told, rng, date)


def written(about, of_vessel):
    """Return the static columns of the Danish layout; the destination alone is not by vessel."""
    of_vessel = pa.array(of_vessel)

    def column(name):
        return about[name] if name == "destination" else about[name].take(of_vessel)

    n = len(of_vessel)
    return joined(
        *(column(name) for name in ("imo", "callsign", "name", "kind", "cargo", "beam", "length")),
        *(pa.array(["GPS"] * n), column("draught"), column("destination"), column("eta")),
        *(pa.array(["AIS"] * n), column("bow"), column("stern")),
        *(column("port"), column("starboard")),
    )


def write_danish(path, told, rng, date):
    """Write the rows of a day, with the faults of published ones."""
    day, about, mobile = told.day, told.about, told.mobile
    is_fixed = np.isin(mobile, FIXED)
    unknown = "Unknown,Unknown,,Undefined,,,,Undefined,,Unknown,,AIS,,,,"
    clock = pa.array(
        [f"{date} {s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY_S)]
    )
    with path.open("wb") as file:
        file.write(DANISH_HEADER.encode())
        for start in range(0, day.vessel.size, SLICE_ROWS):
            rows = slice(start, start + SLICE_ROWS)
            vessel = day.vessel[rows]
            n = vessel.size
            is_static = (rng.random(n) < STATIC_ROWS) & ~is_fixed[vessel]
            is_still = is_static | is_fixed[vessel]
            is_under_way = day.sog[rows] > 0
            rot = np.where(rng.random(n) < STEADY, 0, np.rint(rng.normal(0, 60, n)))
            heading = np.rint(day.cog[rows] + rng.normal(0, 3, n)) % 360
            heading = np.where(is_under_way, heading, about["berth"][vessel])
            cog_known = ~is_still & (rng.random(n) >= UNMEASURED)
            is_class_a = (mobile == "Class A")[vessel]
            moment = joined(
                clock.take(pa.array(day.t_s[rows])),
                pa.array(mobile).take(pa.array(vessel)),
                about["mmsi"].take(pa.array(vessel)),
                either(is_static, "91", decimals(day.lat[rows], 6)),
                either(is_static, "0", decimals(day.lon[rows], 6)),
                either(is_static, "Unknown value", pa.array(told.status[rows])),
                blanked(decimals(rot * is_under_way / 10, 1), cog_known & is_class_a),
                blanked(decimals(day.sog[rows], 1), ~is_still),
                blanked(decimals(day.cog[rows], 1), cog_known),
                blanked(whole(heading), cog_known & is_class_a),
            )
            is_anonymous = ~is_static & (is_fixed[vessel] | (rng.random(n) < ANONYMOUS))
            said = either(is_anonymous, unknown, told.said.take(pa.array(told.said_at[rows])))
            write_lines(file, joined(moment, said), rng)


def write_american_day(path, n_rows, seed):
    """Write a day in the layout of MarineCadastre until 2024."""
    rng = np.random.default_rng(seed)
    day, about = sailed(n_rows, rng, (25.0, 45.0), (-95.0, -70.0)), fleet(rng)
    code = pa.array(rng.choice(["30", "31", "52", "60", "70", "80", "37"], N_VESSELS))
    status = whole(rng.choice([0, 0, 0, 1, 5, 5, 12, 15], N_VESSELS))
    class_ = pa.array(rng.choice(["A", "A", "A", "B"], N_VESSELS))
    imo = pc.if_else(pc.equal(about["imo"], "Unknown"), "0000000", about["imo"])
    before = joined(about["name"], pc.binary_join_element_wise("IMO", imo, ""), about["callsign"])
    after = joined(code, status, about["length"], about["beam"], about["draught"], code, class_)
    said = joined(before, after)
    clock = pa.array(
        [f"2024-01-15T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY_S)]
    )
    with path.open("wb") as file:
        file.write(AMERICAN_HEADER.encode())
        for start in range(0, n_rows, SLICE_ROWS):
            rows = slice(start, start + SLICE_ROWS)
            vessel = day.vessel[rows]
            heading = np.where(rng.random(vessel.size) < 0.3, 511, np.rint(day.cog[rows]) % 360)
            line = joined(
                about["mmsi"].take(pa.array(vessel)),
                clock.take(pa.array(day.t_s[rows])),
                decimals(day.lat[rows], 5),
                decimals(day.lon[rows], 5),
                decimals(day.sog[rows], 1),
                decimals(day.cog[rows], 1),
                whole(heading),
                said.take(pa.array(vessel)),
            )
            write_lines(file, line, rng)


def sailed(n_rows, rng, lats, lons):
    """Return the rows of vessels that each keep a speed and wander in course."""
    n_each = rng.multinomial(n_rows, rng.dirichlet(np.full(N_VESSELS, 1.2)))
    vessel = np.repeat(np.arange(N_VESSELS), n_each)
    t_s = np.floor(rng.random(n_rows) * DAY_S)
    order = np.lexsort((t_s, vessel))
    t_s = t_s[order]
    first = np.cumsum(n_each) - n_each

    def since_first(walked):
        return walked - np.repeat(walked[np.minimum(first, n_rows - 1)], n_each)

    pace = rng.choice([3.0, 8.0, 12.0, 15.0, 18.0], N_VESSELS)
    pace[: int(ANCHORED * N_VESSELS)] = 0.0
    pace = pace[vessel]
    sog = np.where(pace > 0, np.clip(pace + rng.normal(0, 0.4, n_rows), 0, 40), 0.0)
    turned = since_first(np.cumsum(rng.normal(0, 3, n_rows)))
    cog = (rng.uniform(0, 359.9, N_VESSELS)[vessel] + turned) % 359.9
    step_deg = sog * np.diff(t_s, prepend=0) / 3600 / 60
    middle = np.radians(np.mean(lats))
    jitter = rng.normal(0, 1e-5, (2, n_rows))
    lat = since_first(np.cumsum(step_deg * np.cos(np.radians(cog)))) + jitter[0]
    lon = since_first(np.cumsum(step_deg * np.sin(np.radians(cog)) / np.cos(middle))) + jitter[1]
    lat = np.clip(lat + rng.uniform(*lats, N_VESSELS)[vessel], -80, 80)
    lon = np.clip(lon + rng.uniform(*lons, N_VESSELS)[vessel], -179, 179)
    order = np.argsort(t_s, kind="stable")
    columns = (vessel, t_s.astype(np.int64), lat, lon, sog, cog)
    return Day(*(column[order] for column in columns))


def fleet(rng):
    """Return what vessels say of themselves, as text, and how they lie at their berths."""
    length = rng.integers(8, 350, N_VESSELS)
    letters = np.array(list("ABCDEFGHIJOXYZ0123456789"))
    country = rng.choice([219, 220, 211, 265, 257, 244, 636, 538], N_VESSELS)
    number = rng.choice(1_000_000, N_VESSELS, replace=False)
    names = [" ".join(words) for words in rng.choice(WORDS, (N_VESSELS, 2)).tolist()]
    has_imo = rng.random(N_VESSELS) < 0.5
    kinds = ["Cargo", "Tanker", "Fishing", "Passenger", "Pleasure", "Undefined", "Tug", "HSC"]
    cargoes = ["", "No additional information", "Category X", "Reserved for future use"]
    hours = rng.integers(0, 24, N_VESSELS).tolist()
    return {
        "mmsi": whole(country * 1_000_000 + number),
        "imo": either(~has_imo, "Unknown", whole(rng.integers(9_000_000, 9_999_999, N_VESSELS))),
        "callsign": pa.array(map("".join, rng.choice(letters, (N_VESSELS, 4)).tolist())),
        "name": pa.array(names),
        "kind": pa.array(rng.choice(kinds, N_VESSELS)),
        "cargo": pa.array(rng.choice(cargoes, N_VESSELS)),
        **measured(length),
        "draught": decimals(rng.uniform(1, 15, N_VESSELS), 1),
        "destination": pa.array(rng.choice(list(PLACES), N_VESSELS, p=list(PLACES.values()))),
        "eta": pa.array([f"12/11/2025 {hour:02d}:00:00" for hour in hours]),
        "is_anchored": np.arange(N_VESSELS) < ANCHORED * N_VESSELS,
        "berth": rng.integers(0, 360, N_VESSELS),
    }


def measured(length):
    """Return how long and wide vessels are and where their antennas stand [m], as text."""
    beam = length // 6 + 2
    return {
        "beam": whole(beam),
        "length": whole(length),
        "bow": whole(length // 2),
        "stern": whole(length - length // 2),
        "port": whole(beam // 2),
        "starboard": whole(beam - beam // 2),
    }


def write_lines(file, lines, rng):
    """Write lines, some of them twice."""
    times = 1 + (rng.random(len(lines)) < REPEATED)
    lines = lines.take(pa.array(np.repeat(np.arange(len(lines)), times)))
    lines = pc.binary_join_element_wise(lines, pa.array([""] * len(lines)), "\n")
    ends = np.frombuffer(lines.buffers()[1], np.int32)
    file.write(memoryview(lines.buffers()[2])[: ends[len(lines)]])


def joined(*columns):
    return pc.binary_join_element_wise(*columns, ",")


def either(is_so, text, otherwise):
    return pc.if_else(pa.array(is_so), text, otherwise)


def blanked(column, is_known):
    return either(~is_known, "", column)


def whole(numbers):
    return pa.array(np.asarray(numbers).astype(np.int64)).cast(pa.string())


def decimals(numbers, n):
    """Return numbers with so many decimals."""
    units = np.rint(np.asarray(numbers) * 10**n).astype(np.int64)
    before, after = np.divmod(np.abs(units), 10**n)
    digits = pc.utf8_lpad(pa.array(after).cast(pa.string()), n, "0")
    plain = pc.binary_join_element_wise(pa.array(before).cast(pa.string()), digits, ".")
    return pc.if_else(pa.array(units < 0), pc.binary_join_element_wise("-", plain, ""), plain)
