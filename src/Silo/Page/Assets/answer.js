// One streamed answer on the page: its text, its facts, its error, and the button that stops it.

import { ApiError, stream } from "./api.js";
import { time } from "./time.js";

const outcome = document.getElementById("outcome");

export function element(name, attributes = {}, text) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * Streams into a text node. Resolves to whether the answer came to an end or was stopped; an error is shown.
 * @param {{path: string, body: object, leading?: RegExp, textOf: (choice: object) => string | undefined, text: Node, facts: HTMLElement, log: HTMLElement, signal: AbortSignal}} run
 */
export async function show(run) {
  const started = performance.now();
  let first = null, finish = null, usage = null;
  run.log.setAttribute("aria-busy", "true");
  outcome.textContent = "Generating.";
  run.facts.textContent = "waiting for the first token";
  try {
    for await (const event of stream(run.path, run.body, run.signal)) {
      usage = event.usage ?? usage;
      const choice = event.choices[0];
      if (!choice) continue;
      finish = choice.finish_reason ?? finish;
      const piece = first === null ? run.textOf(choice)?.replace(run.leading ?? "", "") : run.textOf(choice);
      if (!piece) continue;
      if (first === null) {
        first = performance.now();
        run.facts.textContent = "";
      }
      follow(run.log, () => { run.text.textContent += piece; });
    }
    follow(run.log, () => facts(run.facts, started, first, usage, finish));
    return true;
  } catch (error) {
    if (error.name === "AbortError") {
      follow(run.log, () => facts(run.facts, started, first, usage, "stopped"));
      return true;
    }
    follow(run.log, () => fail(run.facts, error));
    return false;
  } finally {
    run.log.removeAttribute("aria-busy");
  }
}

/** Follows what is added with the view, unless the reader has scrolled away from its end. */
function follow(log, change) {
  const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  change();
  if (follows) log.scrollTop = log.scrollHeight;
}

function facts(line, started, first, usage, finish) {
  const seconds = (performance.now() - (first ?? started)) / 1000;
  const said = [];
  if (first !== null) said.push(`first token after ${time((first - started) / 1000)}`);
  if (usage) {
    if (usage.completion_tokens > 1) said.push(`${Math.round((usage.completion_tokens - 1) / Math.max(seconds, 0.001))} tokens/s`);
    said.push(`${usage.completion_tokens} tokens`);
    const cached = usage.prompt_tokens_details?.cached_tokens;
    if (cached) said.push(`${cached} of ${usage.prompt_tokens} prompt tokens cached`);
  }
  said.push(finish === "stopped" ? "stopped by you" : finish === "length" ? "ended at the token limit" : "ended by itself");
  line.textContent = said.join(" \u00b7 ");
  outcome.textContent = `Done: ${line.textContent}`;
}

function fail(line, error) {
  const message = error instanceof ApiError ? error.message : "The server can't be reached.";
  const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "";
  outcome.textContent = "";
  line.replaceWith(element("p", { class: "error", role: "alert" }, message + wait));
}
