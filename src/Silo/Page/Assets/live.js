// The live view: asks for the silo's counters once a second and shows what has changed between them.

import { getJson } from "./api.js";
import { Bands, percentile } from "./charts.js";
import { element } from "./answer.js";
import { time } from "./time.js";

const PERIOD = 1000; // ms
const SLOTS = 60;
const SHOWN = 8; // requests
const at = id => document.getElementById(id);
const samples = []; // oldest first; one more than there are slots, for what changed in the first

export function start({ told }) {
  const lanes = new Bands(at("lanes"), SLOTS, [{ name: "prefill" }, { name: "mixed-up" }, { name: "decode", down: true }, { name: "mixed-down", down: true }], { middle: true });
  const pages = new Bands(at("pages"), SLOTS, [{ name: "leased" }, { name: "cached" }]);
  let timer = null;
  let asked = false; // for a key: once; after that the button does

  async function tick() {
    timer = null;
    try {
      const sample = await getJson("/api/live", { quiet: asked });
      take(sample);
      told(sample);
      draw(lanes, pages);
      health(sample.draining ? "draining" : sample.devices.some(device => device.open) ? "good" : "bad", sample.draining ? "draining" : sample.devices.some(device => device.open) ? "serving" : "every device is closed");
    } catch (error) {
      asked = true;
      health("bad", error.status === 401 ? "needs a key" : error.status ? error.message : "unreachable");
    }
    if (!document.hidden) timer = setTimeout(tick, PERIOD);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden && timer === null) tick(); });
  tick();
}

function health(state, words) {
  at("health").dataset.state = state;
  if (at("health-text").textContent !== words) at("health-text").textContent = words;
}

function take(sample) {
  if (samples.length > 0 && (sample.started !== samples[0].started || sample.at <= samples.at(-1).at)) samples.length = 0; // another process answers now
  samples.push(sample);
  if (samples.length > SLOTS + 1) samples.shift();
}

// Pages that are there only where the operator asked for them.
function beside(pages) {
  const pinned = pages.pinned > 0 ? `, ${pages.pinned.toLocaleString("en")} pinned` : "";
  const host = pages.host_total > 0 ? `; ${pages.host_used.toLocaleString("en")} of ${pages.host_total.toLocaleString("en")} used in main memory` : "";
  return pinned + host;
}

function draw(lanes, pages) {
  const now = samples.at(-1);
  const spans = samples.slice(1).map((sample, i) => between(samples[i], sample));
  const span = spans.at(-1);
  lanes.draw([spans.map(s => s.prefill), spans.map(s => s.mixed / 2), spans.map(s => s.decode), spans.map(s => s.mixed / 2)]);
  pages.draw([samples.slice(1).map(s => s.pages.leased / s.pages.total), samples.slice(1).map(s => s.pages.cached / s.pages.total)]);

  at("running").textContent = now.running;
  at("waiting").textContent = now.waiting;
  at("rate").textContent = span ? Math.round(span.rate).toLocaleString("en") : "\u2013";
  at("hits").textContent = now.prefix_queries > 0 ? percent(now.prefix_hits / now.prefix_queries) : "\u2013";
  for (const lane of ["prefill", "decode", "mixed"]) at(`lane-${lane}`).textContent = span ? percent(span[lane]) + (now.processors[lane] > 0 ? ` of ${now.processors[lane]} SMs` : "") : "\u2013";
  for (const kind of ["leased", "cached", "free"]) at(`pages-${kind}`).textContent = now.pages[kind].toLocaleString("en");
  at("pages-total").textContent = `${now.pages.total.toLocaleString("en")} of ${now.page_tokens} tokens each${beside(now.pages)}`;
  at("device-note").textContent = [`${now.devices.length === 1 ? "1 device" : `${now.devices.length} devices`}`, `${now.devices[0]?.mode} mode`, `${now.handoffs.toLocaleString("en")} ${now.handoffs === 1 ? "handoff" : "handoffs"}, ${now.copied_bytes} bytes copied`].join(" \u00b7 ");
  for (const measure of ["ttft", "itl"]) latencies(measure, samples[0][measure], now[measure]);
  requests(now.requests);
}

function between(before, after) {
  const seconds = after.at - before.at;
  const share = phase => Math.min(1, Math.max(0, (after.phase_seconds[phase] - before.phase_seconds[phase]) / seconds / after.devices.length));
  return { prefill: share("prefill"), decode: share("decode"), mixed: share("mixed"), rate: (after.generated - before.generated) / seconds };
}

function latencies(name, before, after) {
  const counts = after.counts.map((count, i) => count - before.counts[i]);
  const shown = samples.length > 1 && counts.some(count => count > 0) ? counts : after.counts; // nothing new yet: of all time
  for (const share of [50, 90, 99]) {
    const value = percentile(after.bounds, shown, share / 100);
    at(`${name}-${share}`).textContent = value === null ? "\u2013" : time(value);
  }
}

function requests(running) {
  at("requests-note").textContent = running.length === 0 ? "none is running" : running.length > SHOWN ? `the oldest ${SHOWN} of ${running.length}, lengths in tokens` : "lengths in tokens";
  at("requests").replaceChildren(...running.slice(0, SHOWN).map(request => {
    const row = element("tr");
    const phase = element("td");
    phase.append(element("span", { class: "phase", "data-phase": request.phase }, request.phase));
    row.append(
      element("td", {}, request.id), phase,
      element("td", {}, request.prompt_tokens === null ? "\u2013" : request.prompt_tokens.toLocaleString("en")),
      element("td", {}, request.output_tokens.toLocaleString("en")),
      element("td", {}, time(request.age)));
    return row;
  }));
}

const percent = share => `${Math.round(100 * share)} %`;
