"""Segment's SDKs for Python and Node, and RudderStack's for Node, unmodified, are our clients."""

from __future__ import annotations

import json
import subprocess

from segment.analytics import Client

from tests.events.collector.npm import installed
from tests.events.collector.served import Served

NODE = """
const { Analytics } = require("@segment/analytics-node");
const [, , host, writeKey] = process.argv;
const said = [];
const analytics = new Analytics({ writeKey, host, flushAt: 4, flushInterval: 200 });
analytics.on("error", error => said.push(String(error.reason || error)));
analytics.identify({ userId: "n1", traits: { email: "noa@acme.es" } });
analytics.track({ userId: "n1", event: "Demo Requested", properties: { seats: 12 } });
analytics.page({ anonymousId: "d1", properties: { path: "/pricing", url: "https://acme.example/pricing" } });
analytics.screen({ userId: "n1", name: "Home" });
analytics.group({ userId: "n1", groupId: "Acme", traits: { employees: 50 } });
analytics.alias({ userId: "n1", previousId: "d1" });
for (let n = 0; n < 40; n++) analytics.track({ userId: "n1", event: "Many", properties: { n } });
analytics.closeAndFlush().then(() => console.log(JSON.stringify(said)));
"""

RUDDERSTACK = """
const sdk = require("@rudderstack/rudder-sdk-node");
const [, , dataPlaneUrl, writeKey] = process.argv;
const analytics = new (sdk.default || sdk)(writeKey, { dataPlaneUrl, flushAt: 5, flushInterval: 100, gzip: true });
analytics.identify({ userId: "r1", traits: { email: "rita@acme.es" } });
analytics.track({ userId: "r1", event: "Demo Requested", properties: { seats: 12 } });
analytics.page({ userId: "r1", name: "Pricing", properties: { path: "/pricing" } });
analytics.group({ userId: "r1", groupId: "Acme", traits: {} });
analytics.track({ userId: "r1", event: "Last", properties: {} });
"""


def test_segment_s_sdk_for_python(served: Served):
    said: list[object] = []
    client = Client(
        served.make_key("python"), host=served.address, on_error=lambda error, _: said.append(error), gzip=True
    )
    client.identify("u1", {"email": "ana@acme.es"})
    client.track("u1", "Demo Requested", {"seats": 12})
    client.page(anonymous_id="d1", properties={"path": "/pricing"})
    client.screen("u1", name="Home")
    client.group("u1", "Acme", {"employees": 50})
    client.alias("d1", "u1")
    for number in range(300):
        client.track("u1", "Many", {"n": number})
    client.shutdown()
    assert not said
    stored = served.events("python")
    assert {event["type"] for event in stored} == {"identify", "track", "page", "screen", "group", "alias"}
    assert sorted(event["properties"]["n"] for event in stored if event["name"] == "Many") == list(range(300))
    assert {event["context"]["library"]["name"] for event in stored} == {"analytics-python"}
    assert next(event["email"] for event in stored if event["type"] == "identify") == "ana@acme.es"


def test_segment_s_sdk_for_python_is_told_of_a_wrong_key(served: Served):
    said: list[object] = []
    client = Client("wk_wrong", host=served.address, on_error=lambda error, _: said.append(error))
    client.track("u1", "A")
    client.shutdown()
    assert len(said) == 1
    assert "not known" in str(said[0])


def test_segment_s_sdk_for_node(served: Served):
    program = installed("@segment/analytics-node") / "send.cjs"
    program.write_text(NODE)
    key = served.make_key("node")
    done = subprocess.run(
        ["node", program.name, served.address, key], cwd=program.parent, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    stored = served.events("node")
    assert {event["type"] for event in stored} == {"identify", "track", "page", "screen", "group", "alias"}
    assert sorted(event["properties"]["n"] for event in stored if event["name"] == "Many") == list(range(40))
    assert next(event["path"] for event in stored if event["type"] == "page") == "/pricing"
    assert next(event["group_id"] for event in stored if event["type"] == "group") == "acme"


def test_rudderstack_s_sdk_for_node(served: Served):
    program = installed("@rudderstack/rudder-sdk-node") / "send.cjs"
    program.write_text(RUDDERSTACK)
    key = served.make_key("rudderstack")
    with subprocess.Popen(["node", program.name, served.address, key], cwd=program.parent) as sender:
        stored = served.wait_for("rudderstack", 5)
        sender.kill()
    assert {event["type"] for event in stored} == {"identify", "track", "page", "group"}
    assert {event["name"] for event in stored} == {"", "Demo Requested", "Last"}
    assert next(event["path"] for event in stored if event["type"] == "page") == "/pricing"
