"""What values are, by key, unit and range; the first rule that holds counts.

A rule without a unit, or with an assumed one, has to be right for nearly everybody who
has such a key: a wrong class is worse than none.
"""

from typing import Final

from .rule import Rule, Shape

_MEASURED: Final = "measurement"
_COUNTED: Final = "total_increasing"

_TEMPERATURE: Final = (
    r"temp|temperature|temperatures|dew ?point|\w+temp|\w+temperature|setpoint"
)
_COUNTERS: Final = (
    r"energy(?: (?:total|import|export|imported|exported|delivered|returned|consumed"
    r"|produced|today|daily|consumption|production|forward|reverse|in|out|l[123]))?"
    r"|(?:total|daily|today|imported|exported|import|export|consumed|produced)"
    r"(?: active)? energy"
    r"|(?:energy|consumption|production|delivered|returned|import|export|yield)"
    r"(?: \w+)? total|yield(?: day| today)?|yieldday|yieldtotal|delivered|returned"
    r"|(?:consumption|production|delivered|returned)(?: (?:today|low|high|t[12]))?"
    r"|imported|exported"
)

VALUES: Final = (
    # --- weather and air
    Rule(
        keys=r"temp c|tempc|temperature c|temperature t c",
        assumes="°C", units=("°C",), low=-100, high=1500,
        device_class="temperature", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"tempf|temperature t f|temp f|temperature f",
        assumes="°F", units=("°F",), low=-150, high=2700,
        device_class="temperature", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"color temp(?:erature)?(?: startup)?|color temperature", state_class=None
    ),
    Rule(
        keys=_TEMPERATURE,
        units=("°C", "°F", "K"), low=-273.15, high=6000,
        device_class="temperature", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"(?:\w+ )*(?:temperature|temp|dew ?point)",
        units=("°C",), assumes="°C", metric=True, low=-50, high=45,
        device_class="temperature", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"humidity|hum|humi|rh|relative humidity",
        units=("%",), assumes="%", low=1, high=100,
        device_class="humidity", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"(?:soil )?moisture", units=("%",), assumes="%", low=1, high=100,
        device_class="moisture", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"pressure|barometer|barometric pressure|atmospheric pressure",
        units=("hPa", "mbar", "kPa", "bar", "psi", "inHg", "mmHg"),
        assumes="hPa", low=850, high=1100,
        device_class="pressure", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"pressure|press|\w+press",
        units=("hPa", "mbar", "kPa", "bar", "psi", "inHg", "mmHg"),
        device_class="pressure", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"co2|eco2|carbon dioxide", units=("ppm",), assumes="ppm",
        low=250, high=10000,
        device_class="carbon_dioxide", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"pm25", units=("μg/m³",), assumes="μg/m³", low=0, high=2000,
        device_class="pm25", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"pm10", units=("μg/m³",), assumes="μg/m³", low=0, high=2000,
        device_class="pm10", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"pm1", units=("μg/m³",), assumes="μg/m³", low=0, high=2000,
        device_class="pm1", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"t?voc", units=("ppb", "ppm"),
        device_class="volatile_organic_compounds_parts",
        state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"t?voc", units=("μg/m³",), device_class="volatile_organic_compounds",
        state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"lux|illuminance lux", units=("lx",), assumes="lx", low=0, high=200000,
        device_class="illuminance", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"uv(?: ?index)?|uvi", assumes="UV index", low=0, high=16,
        state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"wind (?:speed|avg|average|max|gust|gust speed)|windspeed|gust(?: speed)?",
        units=("km/h", "m/s", "mph"),
        device_class="wind_speed", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"wind (?:dir|direction|bearing)", units=("°",), assumes="°",
        low=0, high=360,
        device_class="wind_direction", state_class="measurement_angle", precision=0,
    ),
    Rule(
        keys=r"rain(?:fall)?(?: total)?", units=("mm", "in"),
        device_class="precipitation", precision=1,
    ),
    Rule(
        keys=r"rain(?:fall)? rate", units=("mm/h", "in/h"),
        device_class="precipitation_intensity", state_class=_MEASURED, precision=1,
    ),
    # --- electricity
    Rule(
        keys=r"battery voltage|battery v|volt", units=("V",), assumes="V",
        low=0.5, high=60,
        device_class="voltage", state_class=_MEASURED, precision=2, diagnostic=True,
    ),
    Rule(
        keys=r"(?:\w+ )*(?:voltage|volts)", units=("V",), assumes="V",
        low=0.5, high=480,
        device_class="voltage", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"power factor|powerfactor|pf|cos ?phi", low=-1, high=1,
        device_class="power_factor", state_class=_MEASURED, precision=2,
    ),
    # 20 kW are rare where somebody measures; so are devices of less than 20 W that
    # say so in kilowatts.
    Rule(
        keys=r"power|active power|apower|power active|act power", units=("W",),
        assumes="W", low=20, beside=r"voltage|volts",
        device_class="power", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"current|amps", units=("A",), assumes="A", low=0, high=100, whole=False,
        beside=r"voltage|volts",
        device_class="current", state_class=_MEASURED, precision=2,
    ),
    Rule(
        keys=r"frequency|freq", units=("Hz",), assumes="Hz", low=45, high=65,
        beside=r"(?:\w+ )*(?:voltage|volts|power)",
        device_class="frequency", state_class=_MEASURED, precision=1,
    ),
    Rule(
        keys=r"(?:energy )?yesterday|energy (?:\w+ )?yesterday",
        units=("Wh", "kWh", "MWh"), device_class="energy", precision=2,
    ),
    Rule(
        keys=_COUNTERS, units=("Wh", "kWh", "MWh"),
        device_class="energy", state_class=_COUNTED, precision=2,
    ),
    Rule(
        keys=r"gas (?:total|consumption|delivered|usage|meter)", units=("m³",),
        device_class="gas", state_class=_COUNTED, precision=2,
    ),
    Rule(
        keys=r"water (?:total|consumption|delivered|usage|meter)", units=("m³", "L"),
        device_class="water", state_class=_COUNTED, precision=2,
    ),
    # --- batteries and radio
    Rule(
        keys=r"(?:battery|batt|bat|vehicle|ev|car|storage|\w+ battery) soc|soc",
        units=("%",), assumes="%", low=1, high=100,
        device_class="battery", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"(?:battery|batt|bat) (?:percent|percentage|pct)", units=("%",),
        assumes="%", low=0, high=100,
        device_class="battery", state_class=_MEASURED, precision=0, diagnostic=True,
    ),
    # Up to 5 it may be volts, or bars.
    Rule(
        keys=r"battery|batt|battery (?:level|remaining)", units=("%",), assumes="%",
        low=6, high=100, whole=True,
        device_class="battery", state_class=_MEASURED, precision=0, diagnostic=True,
    ),
    Rule(
        keys=r"rssi|wifi signal|signal strength|wifi rssi|signal", units=("dBm",),
        assumes="dBm", low=-130, high=-10,
        device_class="signal_strength", state_class=_MEASURED, precision=0,
        diagnostic=True,
    ),
    Rule(
        keys=r"snr", assumes="dB", units=("dB",), low=-40, high=80,
        state_class=_MEASURED, precision=1, diagnostic=True,
    ),
    Rule(
        keys=r"link ?quality|lqi", assumes="lqi", units=("lqi",), low=0, high=255,
        whole=True, state_class=_MEASURED, diagnostic=True,
    ),
    # --- time
    Rule(
        keys=r"(?:.* )?(?:last seen|timestamp|last update|ts|time|time stamp)",
        low=1.5e9, high=2.5e9,
        device_class="timestamp", template="{{ VALUE | as_datetime }}", diagnostic=True,
    ),
    Rule(
        keys=r"(?:.* )?(?:last seen|timestamp|last update|ts|time|time stamp)",
        low=1.5e12, high=2.5e12,
        device_class="timestamp", template="{{ (VALUE / 1000) | as_datetime }}",
        diagnostic=True,
    ),
    Rule(
        keys=r"(?:.* )?(?:last seen|timestamp|last update|time|ts)", shape=Shape.TIME,
        device_class="timestamp", diagnostic=True,
    ),
    Rule(keys=r".*", shape=Shape.TIME, device_class="timestamp"),
    Rule(
        keys=r"(?:uptime|up time)(?: sec(?:onds)?)?", units=("s", "min", "h"), device_class="duration",
        state_class=_MEASURED, precision=0, diagnostic=True,
    ),
    Rule(
        keys=r"duration|(?:\w+ )*duration|time to go", units=("s", "min", "h"),
        device_class="duration", state_class=_MEASURED, precision=0,
    ),
    Rule(
        keys=r"distance|range|odometer|mileage|target distance",
        units=("m", "km", "cm", "mm", "mi"),
        device_class="distance", state_class=_MEASURED,
    ),
    Rule(
        keys=r"depth|level|tank level|fill level", units=("%",),
        state_class=_MEASURED, precision=0,
    ),
    # --- one of two
    Rule(keys=r"occupancy|occupied", shape=Shape.FLAG, device_class="occupancy"),
    Rule(keys=r"motion|pir", shape=Shape.FLAG, whole=True, device_class="motion"),
    Rule(
        keys=r"water ?leak|leak|leak detected|flood", shape=Shape.FLAG,
        device_class="moisture",
    ),
    Rule(keys=r"smoke|smoke detected", shape=Shape.FLAG, device_class="smoke"),
    Rule(keys=r"gas alarm|gas detected", shape=Shape.FLAG, device_class="gas"),
    Rule(keys=r"carbon monoxide", shape=Shape.FLAG, device_class="carbon_monoxide"),
    Rule(
        keys=r"tamper|tampered", shape=Shape.FLAG, device_class="tamper",
        diagnostic=True,
    ),
    Rule(
        keys=r"battery low|low battery|low batt|batt low|batterylow",
        shape=Shape.FLAG, whole=True, device_class="battery", diagnostic=True,
    ),
    Rule(
        keys=r"battery ok", shape=Shape.FLAG, whole=True, device_class="battery", inverted=True,
        diagnostic=True,
    ),
    Rule(keys=r"vibration", shape=Shape.FLAG, device_class="vibration"),
    Rule(keys=r"overtemperature|over temperature|overtemp", shape=Shape.FLAG,
         device_class="problem", diagnostic=True),
    Rule(keys=r"charging", shape=Shape.FLAG, device_class="battery_charging"),
    Rule(
        keys=r"reachable|connected", shape=Shape.FLAG, whole=True, device_class="connectivity",
        diagnostic=True,
    ),
    Rule(
        keys=r"update available", shape=Shape.FLAG, device_class="update",
        diagnostic=True,
    ),
    # --- what devices tell about themselves
    Rule(
        keys=r"(?:free )?heap|freemem|sleep|sleep mode|load avg|mqtt count|free memory",
        diagnostic=True,
    ),
    Rule(
        keys=r"(?:.* )?(?:ip|ip address|mac|mac address|ssid|bssid|hostname|version"
        r"|firmware|sw version|fw|build|uptime|serial|model|model id|brand|vendor)",
        shape=Shape.TEXT, diagnostic=True,
    ),
)  # fmt: skip
