// The sampling controls: what they say, kept between visits, as fields of a request.

const STORE = "splitwiser.sampling";
const NUMBERS = ["temperature", "top_p", "min_p", "repetition_penalty", "max_tokens", "top_k", "seed"];
const form = document.getElementById("sampling-form");
const summary = document.getElementById("sampling-summary");

/** Fields for a request; an empty control leaves its field to the server. */
export function fields() {
  const given = {};
  for (const name of NUMBERS) {
    const control = document.getElementById(name);
    if (control.value !== "") given[name] = Number(control.value);
  }
  const stop = document.getElementById("stop").value;
  if (stop !== "") given.stop = stop;
  return given;
}

/** Whether every control holds what it may; otherwise the first that doesn't is shown and says so. */
export function areValid() {
  if (form.checkValidity()) return true;
  document.getElementById("sampling").open = true;
  return form.reportValidity();
}

export function systemMessage() { return document.getElementById("system").value.trim(); }

export function start() {
  restore();
  form.addEventListener("input", changed);
  form.addEventListener("reset", () => queueMicrotask(changed));
  form.addEventListener("submit", event => event.preventDefault());
  changed();
}

function changed() {
  for (const output of form.querySelectorAll("output"))
    output.value = Number(document.getElementById(output.htmlFor.value).value).toFixed(2);
  const { temperature, max_tokens: most, seed } = fields();
  summary.textContent = [`temperature ${temperature}`, `at most ${most ?? "any number of"} tokens`, seed === undefined ? null : `seed ${seed}`].filter(Boolean).join(", ");
  const kept = Object.fromEntries([...form.elements].filter(control => control.id).map(control => [control.id, control.value]));
  localStorage.setItem(STORE, JSON.stringify(kept));
}

function restore() {
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(STORE)) ?? {}; } catch { /* not ours: the defaults stay */ }
  for (const [id, value] of Object.entries(kept)) {
    const control = document.getElementById(id);
    if (control?.form === form) control.value = value;
  }
}
