import asyncio, json, time, os, cProfile, pstats
import pytest
from tests.test_announcements import Home

N = int(os.environ.get("N", "1000"))
MODE = os.environ.get("MODE", "single")
PROFILE = os.environ.get("PROFILE")

def payloads():
    if MODE == "single":
        for i in range(N):
            d = i // 10
            yield f"homeassistant/sensor/dev{d}/s{i}/config", {
                "name": f"Sensor {i}", "state_topic": f"zigbee2mqtt/dev{d}", "unique_id": f"u{i}",
                "value_template": "{{ value_json.s%d }}" % (i%10), "unit_of_measurement": "°C",
                "device_class": "temperature", "state_class": "measurement",
                "availability": [{"topic": "zigbee2mqtt/bridge/state", "value_template": "{{ value_json.state }}"},
                                 {"topic": f"zigbee2mqtt/dev{d}/availability", "value_template": "{{ value_json.state }}"}],
                "availability_mode": "all", "enabled_by_default": True,
                "json_attributes_topic": f"zigbee2mqtt/dev{d}",
                "origin": {"name": "Zigbee2MQTT", "sw": "2.0", "url": "https://www.zigbee2mqtt.io"},
                "device": {"identifiers": [f"z2m_{d}"], "name": f"Device {d}", "manufacturer": "Acme", "model": "M", "sw_version": "1", "via_device": "z2m_bridge"},
            }
    else:
        for d in range(N // 10):
            yield f"homeassistant/device/dev{d}/config", {
                "dev": {"ids": [f"d_{d}"], "name": f"Device {d}", "mf": "Acme"}, "o": {"name": "x"},
                "avty_t": f"d{d}/status",
                "cmps": {f"s{i}": {"p": "sensor", "name": f"S {i}", "stat_t": f"d{d}/s{i}", "uniq_id": f"d{d}s{i}", "unit_of_meas": "W", "dev_cla": "power", "val_tpl": "{{ value_json.v }}"} for i in range(10)},
            }

async def test_bench(hass, add_entry, peer, server, caplog):
    import logging; logging.disable(logging.INFO)
    msgs = list(payloads()); hass.loop.set_debug(False)
    for t, p in msgs:
        await peer.publish(t, p, qos=0, retain=True)
    await peer.publish("x", "", qos=1)
    import gc
    gaps=[]; last=[time.perf_counter()]
    stop=False
    async def watch():
        while not stop:
            await asyncio.sleep(0)
            now=time.perf_counter(); gaps.append(now-last[0]); last[0]=now
    gt=[]
    def cb(ph,info):
        if ph=='start': gt.append([time.perf_counter(),info['generation'],0])
        else: gt[-1][2]=time.perf_counter()-gt[-1][0]
    gc.callbacks.append(cb)
    t0=time.perf_counter()
    w=asyncio.create_task(watch())
    entry = await add_entry(discovery=True, setup=False)
    last[0]=time.perf_counter()
    prof = cProfile.Profile() if PROFILE else None
    if prof: prof.enable()
    await hass.config_entries.async_setup(entry.entry_id)
    ann = entry.runtime_data.announcements
    while len(hass.states.async_entity_ids("sensor")) < N:
        await asyncio.sleep(0.01)
        if time.perf_counter()-t0>100: break
    t1=time.perf_counter()
    await ann.settled(); await entry.runtime_data.broker.settled()
    t2=time.perf_counter()
    if prof: prof.disable()
    stop=True; await w
    gaps.sort(); gc.callbacks.remove(cb); print('gc', sum(g[2] for g in gt), sorted(round(g[2]*1000) for g in gt)[-6:])
    print(f"\n{MODE} N={N}: entities {t1-t0:.2f}s settled {t2-t0:.2f}s  sensors {len(hass.states.async_entity_ids('sensor'))} longest loop gaps {[round(g*1000) for g in gaps[-5:]]} ms, refused {ann.refused_count}")
    if prof: pstats.Stats(prof).sort_stats("cumtime").print_stats(70)
    # identical again
    t0=time.perf_counter()
    for t,p in msgs: ann._receive(__import__("custom_components.mqtt_websocket.broker.message",fromlist=["Message"]).Message(t, json.dumps(p).encode()))
    print(f"identical again: {time.perf_counter()-t0:.4f}s incl. dumps; queue {len(ann._queue)}")
