"""Families of programs and devices: their topics, and what their keys mean there.

The names and units are those of each program's own documentation. The first family
whose pattern fits a topic has it.
"""

from typing import Final

from .rule import Command, Family, Rule, Shape, Whole

_MEASURED: Final = "measurement"

_SKIPPED_BLUETOOTH: Final = (
    Rule(keys=r"id|mac|mac type|adv type|track|acts|cont|cidc|type|txpower", skip=True),
    Rule(
        keys=r"id|mac|name|brand|model|model id|type|servicedata|manufacturerdata"
        r"|servicedatauuid|prmacs?|host",
        shape=Shape.TEXT,
        skip=True,
    ),
    Rule(keys=r"track|cidc|acts|cont|prmac|adv", shape=Shape.FLAG, skip=True),
    Rule(
        keys=r"moi",
        units=("%",),
        device_class="moisture",
        state_class=_MEASURED,
        precision=0,
    ),
    Rule(
        keys=r"fer",
        assumes="μS/cm",
        device_class="conductivity",
        state_class=_MEASURED,
        precision=0,
    ),
    # The same in the other unit; Home Assistant converts.
    Rule(keys=r"tempf|tempf\d", skip=True),
)

_TASMOTA_UNITS: Final = {
    r"energy (?:\w+ )?(?:total|today|yesterday)(?: \d)?": "kWh",
    r"energy power(?: \d)?": "W",
    r"energy apparent power(?: \d)?": "VA",
    r"energy reactive power(?: \d)?": "var",
    r"energy voltage(?: \d)?": "V",
    r"energy current(?: \d)?": "A",
    r"energy frequency": "Hz",
    r"uptime sec": "s",
    r"wifi signal": "dBm",
    r"illuminance": "lx",
}
_TASMOTA_VALUES: Final = (
    Rule(
        keys=r"energy factor",
        low=-1,
        high=1,
        device_class="power_factor",
        state_class=_MEASURED,
        precision=2,
    ),
    Rule(keys=r"energy period", skip=True),
    # Per cent, whatever its name.
    Rule(
        keys=r"wifi rssi",
        assumes="%",
        state_class=_MEASURED,
        precision=0,
        diagnostic=True,
    ),
    Rule(
        keys=r"uptime sec",
        units=("s",),
        device_class="duration",
        state_class=_MEASURED,
        precision=0,
        diagnostic=True,
    ),
    Rule(keys=r"wifi (?:ap|channel|link count)", diagnostic=True),
    Rule(
        keys=r"time|wifi (?:downtime|mode)|uptime|sleep mode|temp unit"
        r"|pressure unit|energy total start time|(?:\w+ )*id",
        shape=Shape.TEXT,
        skip=True,
    ),
)

FAMILIES: Final = (
    Family(
        name="Zigbee2MQTT",
        topics=("zigbee2mqtt/{device}",),
        ignored=(
            "zigbee2mqtt/bridge/#",
            "zigbee2mqtt/+/get/#",
            "zigbee2mqtt/+/set/#",
        ),
        availability=("zigbee2mqtt/{device}/availability", "zigbee2mqtt/bridge/state"),
        units={
            r"(?:\w+ )*temperature|\w* ?setpoint|(?:\w+ )*heating setpoint": "°C",
            r"humidity|soil moisture|battery": "%",
            r"pressure": "hPa",
            r"power": "W",
            r"current": "A",
            r"(?:produced )?energy": "kWh",
            r"illuminance|illuminance lux": "lx",
            r"ac frequency": "Hz",
        },
        values=(
            Rule(
                keys=r"contact",
                shape=Shape.FLAG,
                device_class="door",
                inverted=True,
            ),
            Rule(keys=r"gas", shape=Shape.FLAG, device_class="gas"),
            Rule(
                keys=r"battery",
                assumes="%",
                units=("%",),
                low=0,
                high=100,
                device_class="battery",
                state_class=_MEASURED,
                precision=0,
                diagnostic=True,
            ),
            Rule(
                keys=r"voltage",
                assumes="mV",
                low=1000,
                high=20000,
                device_class="voltage",
                state_class=_MEASURED,
                precision=0,
                diagnostic=True,
            ),
            Rule(keys=r"update (?:\w+ )*\w+", skip=True),
            Rule(keys=r"update (?:\w+ )*\w+", shape=Shape.TEXT, skip=True),
            Rule(keys=r"power outage count|trigger count", diagnostic=True),
        ),
        commands=(
            Command(
                keys=r"state",
                topic="{topic}/set",
                template='{"state": "{{ value }}"}',
            ),
            Command(
                keys=r"state (?:l\d|left|right|center|top|bottom)",
                topic="{topic}/set",
                template='{"LEAF": "{{ value }}"}',
            ),
        ),
        wholes=(
            Whole(
                platform="light",
                key="state",
                states=("ON", "OFF"),
                beside="brightness",
                parts=r"brightness|color temp|color mode"
                r"|color (?:x|y|h|s|hue|saturation|r|g|b)",
                config={
                    "schema": "json",
                    "value_template": None,
                    "command_topic": "TOPIC/set",
                    "brightness": True,
                    "brightness_scale": 254,
                },
                more=(
                    (
                        ("color mode", "color temp"),
                        {"supported_color_modes": ["color_temp"]},
                    ),
                    (("color mode", "color"), {"supported_color_modes": ["xy"]}),
                    (
                        ("color mode", "color temp", "color"),
                        {"supported_color_modes": ["color_temp", "xy"]},
                    ),
                ),
            ),
            Whole(
                platform="cover",
                key="state",
                states=("OPEN", "CLOSE", "STOP"),
                beside="position",
                parts=r"position",
                config={
                    "command_topic": "TOPIC/set",
                    "state_open": "OPEN",
                    "state_closed": "CLOSE",
                    "state_stopped": "STOP",
                    "position_topic": "TOPIC",
                    "position_template": "{{ value_json.position }}",
                    "set_position_topic": "TOPIC/set",
                    "set_position_template": '{"position": {{ position }}}',
                },
            ),
        ),
    ),
    Family(
        name="Tasmota",
        topics=(
            "tele/{device}/SENSOR",
            "tele/{device}/STATE",
            "stat/{device}/{rest:POWER\\d*}",
        ),
        ignored=(
            "tasmota/discovery/#",
            "tele/+/INFO1",
            "tele/+/INFO2",
            "tele/+/INFO3",
            "tele/+/RESULT",
            "tele/+/UPTIME",
            "tele/+/MARGINS",
            "stat/+/RESULT",
            "stat/+/LOGGING",
            "stat/+/STATUS#",
            "cmnd/#",
        ),
        availability=("tele/{device}/LWT",),
        units=_TASMOTA_UNITS,
        values=_TASMOTA_VALUES,
        commands=(
            Command(
                keys=r"power ?\d*",
                topic="cmnd/{device}/{leaf}",
                # The regular report comes every five minutes only.
                state_topic="stat/{device}/{leaf}",
            ),
        ),
    ),
    Family(
        name="Shelly",
        topics=("shellies/{device}/#",),
        ignored=("shellies/announce", "shellies/+/announce", "shellies/+/info",
                 "shellies/+/command", "shellies/command"),
        availability=("shellies/{device}/online",),
        manufacturer="Shelly",
        units={
            r"(?:relay|emeter|light|roller)(?: \d)? (?:power|reactive power)": "W",
            r"emeter(?: \d)? (?:total|total returned)": "Wh",
            r"emeter(?: \d)? voltage": "V",
            r"emeter(?: \d)? current": "A",
            r"(?:sensor )?temperature|ext temperature": "°C",
            r"(?:sensor )?humidity|sensor battery|ext humidity": "%",
            r"sensor lux": "lx",
        },
        values=(
            # Watt-minutes.
            Rule(
                keys=r"(?:relay|light|roller)(?: \d)? energy",
                device_class="energy",
                assumes="kWh",
                state_class="total_increasing",
                precision=3,
                template="{{ (VALUE | float / 60000) | round(4) }}",
            ),
            Rule(
                keys=r"emeter(?: \d)? (?:total|total returned)",
                units=("Wh",),
                device_class="energy",
                state_class="total_increasing",
                precision=0,
            ),
            Rule(keys=r"temperature f|relay(?: \d)? overpower value", skip=True),
            Rule(keys=r"input(?: \d)?", shape=Shape.FLAG),
            Rule(
                keys=r"overtemperature",
                shape=Shape.FLAG,
                device_class="problem",
                diagnostic=True,
            ),
            Rule(keys=r"longpush(?: \d)?", shape=Shape.FLAG, skip=True),
            Rule(keys=r"input event(?: \d)?(?: \w+)?", skip=True),
            Rule(keys=r"input event(?: \d)?(?: \w+)?", shape=Shape.TEXT, skip=True),
            Rule(keys=r"temperature status", shape=Shape.TEXT, diagnostic=True),
        ),
        commands=(Command(keys=r"relay(?: \d)?", topic="{topic}/command"),),
    ),
    Family(
        name="Shelly Gen2",
        topics=(
            "{device}/status/{rest:[a-z0-9]+:\\d+}",
            "{device}/status/{rest:sys|wifi|ble|cloud|mqtt}",
        ),
        ignored=("+/events/rpc", "+/rpc"),
        availability=("{device:shelly.*}/online",),
        manufacturer="Shelly",
        units={
            r"(?:\w+ )*(?:apower|act power)": "W",
            r"(?:\w+ )*aprt power": "VA",
            r"(?:\w+ )*voltage": "V",
            r"(?:\w+ )*current": "A",
            r"(?:\w+ )*freq": "Hz",
            r"(?:\w+ )*aenergy total": "Wh",
            r"(?:\w+ )*total act(?: ret)?(?: energy)?": "Wh",
            r"temperature(?: \d+)? t c": "°C",
            r"rh": "%",
            r"uptime": "s",
            r"wifi rssi": "dBm",
        },
        values=(
            Rule(
                keys=r"(?:\w+ )*aenergy total|(?:\w+ )*total act(?: ret)?(?: energy)?",
                units=("Wh",),
                device_class="energy",
                state_class="total_increasing",
                precision=0,
            ),
            Rule(
                keys=r"(?:\w+ )*t c",
                assumes="°C",
                device_class="temperature",
                state_class=_MEASURED,
                precision=1,
            ),
            Rule(keys=r"(?:\w+ )*(?:t f|id|minute ts|by minute(?: \d)?)", skip=True),
            Rule(
                keys=r"(?:\w+ )*(?:source|mac|errors)", shape=Shape.TEXT, skip=True
            ),
            Rule(
                keys=r"restart required", shape=Shape.FLAG, diagnostic=True
            ),
            Rule(
                keys=r"(?:ram|fs|cfg|kvs|schedule|webhook)(?: \w+)*", diagnostic=True
            ),
        ),
        commands=(
            Command(
                keys=r"switch(?: \d)? output",
                topic="{device}/command/{rest}",
                on="on",
                off="off",
            ),
        ),
    ),
    Family(
        name="Theengs",
        topics=("home/TheengsGateway/BTtoMQTT/{device}",),
        ignored=("home/TheengsGateway/#",),
        values=(
            *_SKIPPED_BLUETOOTH,
            Rule(
                keys=r"tempc\d?",
                assumes="°C",
                device_class="temperature",
                state_class=_MEASURED,
                precision=1,
            ),
        ),
        units={r"volt": "V", r"hum|batt|moi": "%", r"lux": "lx"},
        title="{model} {device}",
    ),
    Family(
        name="OpenMQTTGateway",
        topics=(
            "home/+/BTtoMQTT/{device}",
            "home/{device:OpenMQTTGateway.*|OMG.*}/SYStoMQTT",
        ),
        ignored=(
            "home/+/433toMQTT",
            "home/+/IRtoMQTT",
            "home/+/RLStoMQTT",
            "home/+/undecoded",
            "home/+/commands/#",
            "home/presence/#",
        ),
        availability=("home/{device:OpenMQTTGateway.*|OMG.*}/LWT",),
        values=(
            *_SKIPPED_BLUETOOTH,
            Rule(
                keys=r"tempc\d?",
                assumes="°C",
                device_class="temperature",
                state_class=_MEASURED,
                precision=1,
            ),
            Rule(
                keys=r"freemem|mqttport|minmem|maxmem|freestack|stk|ht|eth",
                diagnostic=True,
            ),
        ),
        units={r"volt": "V", r"hum|batt|moi": "%", r"uptime": "s", r"lux": "lx"},
        title="{model} {device}",
    ),
    Family(
        name="rtl_433",
        topics=("rtl_433/+/devices/{device+}/{rest}",),
        # One topic for all devices: what comes next is another one's.
        ignored=("rtl_433/+/events", "rtl_433/+/states", "rtl_433/+/availability"),
        values=(
            Rule(
                keys=r"rssi|snr|noise",
                assumes="dB",
                state_class=_MEASURED,
                diagnostic=True,
            ),
            Rule(
                keys=r"rain mm",
                assumes="mm",
                device_class="precipitation",
                state_class="total_increasing",
                precision=1,
            ),
            Rule(keys=r"id|channel|subtype|freq\d?|protocol", skip=True),
            Rule(
                keys=r"time|mic|mod|protocol|id|model|type|channel", shape=Shape.TEXT, skip=True
            ),
        ),
    ),
    Family(
        name="SolarEdge",
        topics=("solaredge/modbus/{device}", "solaredge/{device:powerflow}"),
        manufacturer="SolarEdge",
        units={
            r"(?:\w+ )*ac power(?: actual)?|(?:\w+ )*dc power|(?:\w+ )*power actual": "W",
            r"(?:\w+ )*ac power apparent": "VA",
            r"(?:\w+ )*ac power reactive": "var",
            r"(?:\w+ )*voltage(?: \w+)?": "V",
            r"(?:\w+ )*current(?: \w+)?": "A",
            r"(?:\w+ )*frequency": "Hz",
            r"energytotal|energy total(?: \w+)*": "Wh",
            r"(?:\w+ )*temperature": "°C",
            r"state of charge|soc": "%",
            r"(?:\w+ )*(?:pv production|consumption|delivery|production|inverter power"
            r"|consumer house)": "W",
        },
        values=(
            Rule(
                keys=r"energytotal",
                units=("Wh",),
                device_class="energy",
                state_class="total_increasing",
                precision=0,
            ),
            Rule(
                keys=r"(?:\w+ )*power factor",
                device_class="power_factor",
                assumes="%",
                low=-100,
                high=100,
                state_class=_MEASURED,
            ),
            Rule(keys=r"(?:\w+ )*(?:c sunspec|id)", shape=Shape.TEXT, skip=True),
            Rule(
                keys=r"info (?:\w+ ?)*",
                shape=Shape.TEXT,
                diagnostic=True,
            ),
        ),
        title="SolarEdge {device}",
    ),
    Family(
        name="OpenDTU",
        topics=(
            "solar/{device:\\d{6,}}/#",
            "solar/{device:ac|dc|dtu}/{rest}",
        ),
        ignored=("solar/+/cmd/#", "solar/+/device/#"),
        availability=("solar/dtu/status",),
        units={
            r"(?:power|powerdc|power dc)": "W",
            r"voltage|voltage \w+": "V",
            r"current|current \w+": "A",
            r"yieldday": "Wh",
            r"yieldtotal": "kWh",
            r"frequency": "Hz",
            r"temperature": "°C",
            r"efficiency|irradiation|limit relative": "%",
            r"reactivepower": "var",
            r"limit absolute": "W",
            r"uptime": "s",
        },
        values=(
            Rule(keys=r"status producing", shape=Shape.FLAG, device_class="running"),
            Rule(keys=r"is valid", shape=Shape.FLAG, skip=True),
            Rule(keys=r"name", shape=Shape.TEXT, skip=True),
            Rule(
                keys=r"reactivepower",
                units=("var",),
                device_class="reactive_power",
                state_class=_MEASURED,
                precision=1,
            ),
        ),
        title="Solar {device}",
    ),
    Family(
        name="EMS-ESP",
        topics=(
            "ems-esp/{device:[a-z]+}_data",
            "ems-esp/{device:heartbeat}",
        ),
        ignored=("ems-esp/info", "ems-esp/response", "ems-esp/settings"),
        availability=("ems-esp/status",),
        units={
            r"(?:\w+ )*\w*temp\w?": "°C",
            r"(?:\w+ )*syspress": "bar",
            r"(?:\w+ )*(?:curburnpow|selburnpow|heatingpumpmod|burnminpower"
            r"|burnmaxpower|valvestatus)": "%",
            r"(?:\w+ )*nrg\w*": "kWh",
            r"(?:\w+ )*(?:flamecurr)": "µA",
            r"rssi": "dBm",
            r"(?:\w+ )*uptimesec|uptime sec": "s",
            r"(?:\w+ )*(?:\w+workmin|ubauptime)": "min",
        },
        values=(
            Rule(
                keys=r"(?:\w+ )*nrg\w*",
                units=("kWh",),
                device_class="energy",
                state_class="total_increasing",
                precision=1,
            ),
            Rule(
                keys=r"(?:\w+ )*(?:\w+workmin|ubauptime)",
                units=("min",),
                device_class="duration",
                state_class="total_increasing",
                precision=0,
                diagnostic=True,
            ),
            Rule(
                keys=r"rxreceived|rxfails|txreads|txwrites|txfails|mqttcount|mqttfails"
                r"|mqttreconnects|apicalls|apifails|freemem|maxalloc|freeapp",
                diagnostic=True,
            ),
            Rule(keys=r"uptime|bus status", shape=Shape.TEXT, diagnostic=True),
        ),
        title="EMS-ESP {device}",
    ),
    Family(
        name="P1",
        topics=("{device:dsmr}/reading/{rest}",),
        ignored=(
            "dsmr/json", "dsmr/telegram/#", "dsmr/meter-stats/#",
            "dsmr/day-consumption/#", "dsmr/consumption/#",
        ),
        title="Smart meter",
        units={
            r"electricity (?:delivered|returned) \d": "kWh",
            r"electricity currently (?:delivered|returned)": "kW",
            r"phase currently (?:delivered|returned) l\d": "kW",
            r"phase voltage l\d": "V",
            r"phase power current l\d": "A",
            r"extra device delivered": "m³",
        },
        values=(
            Rule(
                keys=r"electricity (?:delivered|returned) \d",
                units=("kWh",),
                device_class="energy",
                state_class="total_increasing",
                precision=3,
            ),
            # A gas meter nearly always, but water and heat are counted so, too.
            Rule(
                keys=r"extra device delivered",
                units=("m³",),
                state_class="total_increasing",
                precision=3,
            ),
            Rule(keys=r"id", skip=True),
        ),
    ),
    Family(
        name="P1 Monitor",
        topics=(
            "p1monitor/{device:smartmeter}/{rest}",
            "p1monitor/{device:phase|watermeter}/{rest}",
        ),
        title="P1 {device}",
        units={
            r"(?:\w+ )*(?:l\d) v": "V",
            r"(?:\w+ )*(?:l\d) a": "A",
            r"(?:\w+ )*(?:l\d) kw": "kW",
            r"(?:consumption|production) gas m3": "m³",
        },
        values=(
            Rule(
                keys=r"(?:consumption|production) kwh(?: \w+)?",
                assumes="kWh",
                device_class="energy",
                state_class="total_increasing",
                precision=3,
            ),
            Rule(
                keys=r"(?:consumption|production) kw",
                assumes="kW",
                device_class="power",
                state_class=_MEASURED,
                precision=3,
            ),
            Rule(
                keys=r"consumption gas m3",
                assumes="m³",
                device_class="gas",
                state_class="total_increasing",
                precision=3,
            ),
            Rule(keys=r"timestamp (?:utc|local)", skip=True),
        ),
    ),
    Family(
        name="Victron",
        topics=("N/+/{kind}/{device}/#",),
        ignored=("N/+/keepalive", "N/+/heartbeat", "R/#", "W/#", "N/+/settings/#",
                 "N/+/platform/#", "N/+/logger/#", "N/+/full_publish_completed",
                 "N/+/+/+/Alarms/#"),
        manufacturer="Victron Energy",
        units={
            r"(?:\w+ )*soc": "%",
            r"(?:\w+ )*voltage|(?:\w+ )*v": "V",
            r"(?:\w+ )*current": "A",
            r"(?:\w+ )*power|(?:\w+ )*(?:in|out|l\d) p": "W",
            r"(?:\w+ )*energy (?:forward|reverse)": "kWh",
            r"(?:\w+ )*yield (?:user|system)": "kWh",
            r"(?:\w+ )*(?:\w+ )?temperature": "°C",
            r"(?:\w+ )*frequency": "Hz",
            r"time to go": "s",
        },
        values=(
            Rule(
                keys=r"(?:\w+ )*yield (?:user|system)",
                units=("kWh",),
                device_class="energy",
                state_class="total_increasing",
                precision=2,
            ),
            Rule(
                keys=r"(?:\w+ )*soc",
                units=("%",),
                low=0,
                high=100,
                device_class="battery",
                state_class=_MEASURED,
                precision=0,
            ),
            Rule(keys=r"relay \d state", shape=Shape.FLAG),
            Rule(
                keys=r"(?:mgmt|serial|device instance|product id|product name"
                r"|custom name|firmware version|hardware version)(?: \w+)*",
                shape=Shape.TEXT,
                diagnostic=True,
            ),
            Rule(
                keys=r"device instance|product id|firmware version|hardware version",
                diagnostic=True,
            ),
        ),
        commands=(
            Command(
                keys=r"relay \d state",
                topic="W/{after}",
                on='{"value": 1}',
                off='{"value": 0}',
            ),
        ),
        title="Victron {kind} {device}",
    ),
    Family(
        name="openWB",
        topics=(
            "openWB/{kind:chargepoint|counter|pv|bat|vehicle}/{device:\\d+}/get/#",
            "openWB/{kind:pv|bat|counter|chargepoint}/get/#",
        ),
        ignored=("openWB/#",),
        manufacturer="openWB",
        units={
            r"(?:\w+ )*powers?(?: \d)?": "W",
            r"(?:\w+ )*currents?(?: \d)?": "A",
            r"(?:\w+ )*voltages?(?: \d)?": "V",
            r"imported|exported|daily (?:imported|exported)": "Wh",
            r"frequency": "Hz",
            r"soc": "%",
        },
        values=(
            Rule(keys=r"plug state", shape=Shape.FLAG, device_class="plug"),
            Rule(
                keys=r"charge state", shape=Shape.FLAG, device_class="battery_charging"
            ),
            Rule(
                keys=r"power factors?(?: \d)?",
                low=-1,
                high=1,
                device_class="power_factor",
                state_class=_MEASURED,
                precision=2,
            ),
            Rule(
                keys=r"(?:daily )?(?:imported|exported)",
                units=("Wh",),
                device_class="energy",
                state_class="total_increasing",
                precision=0,
            ),
            Rule(keys=r"fault state", diagnostic=True),
            Rule(keys=r"fault str", shape=Shape.TEXT, diagnostic=True),
        ),
        title="openWB {kind} {device}",
    ),
    Family(
        name="evcc",
        topics=(
            "evcc/{kind:loadpoints}/{device:\\d+}/#",
            "evcc/{device:site}/#",
            "evcc/{kind:vehicles}/{device}/#",
        ),
        ignored=("evcc/+/+/+/set", "evcc/+/+/set", "evcc/updated", "evcc/site/statistics/#",
                 "evcc/site/forecast/#"),
        availability=("evcc/status",),
        units={
            r"(?:\w+ )*power|charge powers?(?: \d)?": "W",
            r"(?:\w+ )*(?:charge )?currents?(?: \d)?": "A",
            r"(?:\w+ )*voltages?(?: \d)?": "V",
            r"(?:\w+ )*soc": "%",
            r"charged energy|session energy|charge remaining energy": "Wh",
            r"charge total import|(?:\w+ )?energy": "kWh",
            r"(?:\w+ )*duration": "s",
            r"vehicle range|vehicle odometer|range|odometer": "km",
        },
        values=(
            Rule(keys=r"connected", shape=Shape.FLAG, device_class="plug"),
            Rule(keys=r"charging", shape=Shape.FLAG, device_class="battery_charging"),
            Rule(
                keys=r"(?:effective )?(?:limit|min|max|plan|priority|buffer) ?(?:\w+ )*soc"
                r"|(?:\w+ )+(?:limit|priority|buffer|buffer start|min) soc",
                units=("%",),
            ),
            Rule(
                keys=r"charged energy|session energy|charge remaining energy",
                units=("Wh",),
                device_class="energy",
                precision=0,
            ),
            Rule(
                keys=r"charge total import",
                units=("kWh",),
                device_class="energy",
                state_class="total_increasing",
                precision=1,
            ),
            Rule(
                keys=r"mode",
                shape=Shape.TEXT,
                options=("off", "pv", "minpv", "now"),
            ),
        ),
        commands=(
            Command(keys=r"mode", shape=Shape.TEXT, topic="{topic}/set"),
        ),
        title="evcc {kind} {device}",
    ),
    Family(
        name="Frigate",
        topics=(
            "frigate/{device}/{rest:[a-z_]+}/state",
            "frigate/{device}/{rest:[a-z_]+}",
        ),
        ignored=(
            "frigate/stats", "frigate/events", "frigate/reviews", "frigate/triggers",
            "frigate/onConnect", "frigate/+/+/snapshot", "frigate/+/+/set",
            "frigate/notifications/#", "frigate/tracked_object_update",
            "frigate/camera_activity", "frigate/+/+/active",
        ),
        availability=("frigate/available",),
        units={},
        values=(
            Rule(keys=r"motion", shape=Shape.FLAG, device_class="motion"),
            Rule(keys=r"motion threshold|motion contour area", diagnostic=True),
            Rule(keys=r".*", state_class=_MEASURED, low=0, high=1000, whole=True),
        ),
        commands=(
            Command(
                keys=r"(?:detect|recordings|snapshots|audio|improve contrast"
                r"|ptz autotracker|birdseye|review alerts|review detections)",
                topic="{before}/set",
            ),
        ),
        title="Frigate {device}",
    ),
    Family(
        name="Homie",
        topics=(
            "homie/5/{device}/{rest:[a-z0-9-]+/[a-z0-9-]+}",
            "homie/{device}/{rest:[a-z0-9-]+/[a-z0-9_-]+}",
        ),
        ignored=("homie/$broadcast/#", "homie/#"),
        availability=("homie/5/{device}/$state", "homie/{device}/$state"),
        available="{{ 'online' if value in ('ready', 'sleeping', 'alert') "
        "else 'offline' }}",
    ),
    Family(
        name="Sparkplug",
        topics=(
            "spBv1.0/+/DDATA/{device:[^/]+/[^/]+}",
            "spBv1.0/+/NDATA/{device}",
        ),
        ignored=("spBv1.0/#",),
        values=(Rule(keys=r"bd ?seq|seq|timestamp", skip=True),),
    ),
    Family(
        name="Meshtastic",
        topics=("msh/{region+}/2/json/+/{device}",),
        ignored=("msh/#",),
        units={
            r"(?:\w+ )*battery level|air util tx|channel utilization"
            r"|(?:\w+ )*relative humidity": "%",
            r"(?:\w+ )*temperature": "°C",
            r"(?:\w+ )*barometric pressure": "hPa",
            r"(?:\w+ )*voltage": "V",
            r"(?:\w+ )*uptime seconds": "s",
        },
        values=(
            # 101 means that it is plugged in.
            Rule(
                keys=r"payload battery level",
                units=("%",),
                low=0,
                high=100,
                device_class="battery",
                state_class=_MEASURED,
                precision=0,
                diagnostic=True,
            ),
            Rule(keys=r"payload battery level", skip=True),
            Rule(
                keys=r"(?:payload )?(?:air util tx|channel utilization)",
                units=("%",),
                state_class=_MEASURED,
                precision=1,
                diagnostic=True,
            ),
            Rule(
                keys=r"payload uptime seconds",
                units=("s",),
                device_class="duration",
                state_class=_MEASURED,
                precision=0,
                diagnostic=True,
            ),
            # Times ten million.
            Rule(
                keys=r"payload (?:latitude i|longitude i|precision bits|id|time|pdop"
                r"|hop limit|type|hardware|role)|from|to|id|channel|hop start"
                r"|hops away|timestamp",
                skip=True,
            ),
            Rule(keys=r"type|sender", shape=Shape.TEXT, skip=True),
        ),
        title="Meshtastic {device}",
    ),
    Family(
        name="ESPHome",
        topics=(
            "{device}/{type:sensor|binary_sensor|text_sensor|switch|number|select|light"
            "|fan|lock|cover|valve|button}/{rest}/state",
            "esphome/{device}/{type:sensor|binary_sensor|text_sensor|switch|number"
            "|select|light|fan|lock|cover|valve|button}/{rest}/state",
        ),
        ignored=("+/debug", "esphome/+/debug", "esphome/discover/#"),
        units={r"(?:\w+ )*wifi signal(?: \w+)*": "dBm", r"uptime": "s"},
        commands=(
            Command(keys=r".*", kind="switch", topic="{before}/command"),
        ),
    ),
    Family(
        # With topics of one's own the commands go who knows where.
        name="Tasmota, other topics",
        topics=("{device+}/{rest:SENSOR|STATE}",),
        units=_TASMOTA_UNITS,
        values=_TASMOTA_VALUES,
    ),
)  # fmt: skip
"""Patterns with regular expressions come before those that take any level."""
