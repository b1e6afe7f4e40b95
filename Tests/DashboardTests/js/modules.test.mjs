// Run with `node --test Tests/DashboardTests/js`. The modules are read as text: they have no build step and no package.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const here = new URL(".", import.meta.url);
const load = async (name) => {
  const source = await readFile(new URL(`../../../Sources/Dashboard/Modules/${name}`, here), "utf8");
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
};

test("times are told as the server tells them", async () => {
  const words = await load("words.js");
  const table = JSON.parse(await readFile(new URL("words.json", here), "utf8"));
  for (const [kind, rows] of Object.entries(table)) {
    for (const [time, expected] of rows) {
      const told = kind === "age" || kind === "duration" ? words[kind](time) : words.tell(kind, time);
      assert.equal(told, expected, `${kind} of ${time}`);
    }
  }
});

test("a kind of time that stands still is left alone", async () => {
  const { tell } = await load("words.js");
  assert.equal(tell("exact", 1000), null);
});

test("a log filter looks at the level and at every word", async () => {
  const { admits } = await load("log-filter.js");
  const line = { level: "warning", text: "The phantom touches the layer" };
  const levels = new Set(["warning", "error"]);
  assert.ok(admits(line, { text: "", levels }));
  assert.ok(admits(line, { text: "LAYER phantom", levels }));
  assert.ok(!admits(line, { text: "layer sphere", levels }));
  assert.ok(!admits(line, { text: "", levels: new Set(["info"]) }));
});

test("a log keeps no more lines than its limit", async () => {
  const { surplus } = await load("log-filter.js");
  assert.equal(surplus(10, 5, 100), 0);
  assert.equal(surplus(98, 5, 100), 3);
  assert.equal(surplus(100, 500, 100), 100);
  assert.equal(surplus(0, 500, 100), 0);
});

test("pauses grow, spread and end", async () => {
  const { pause } = await load("stream.js");
  assert.equal(pause(0, 0), 250);
  assert.equal(pause(0, 1), 500);
  assert.equal(pause(3, 1), 4000);
  assert.equal(pause(40, 1), 15_000);
  assert.equal(pause(5000, 0), 7500);
});
