// Completions: a text, and what the model goes on with.

import { element, show } from "./answer.js";
import { runs } from "./run.js";
import * as sampling from "./sampling.js";

const log = document.getElementById("sheet");
const empty = document.getElementById("completion-empty");
const beginning = document.getElementById("beginning");
const goOn = document.getElementById("completion-go-on");
let continues = "";

export function start() {
  const completion = runs({ form: "completion-form", input: "beginning", stop: "completion-stop", go: "completion-run" }, complete);
  goOn.addEventListener("click", () => {
    continues = log.querySelector(".text")?.textContent ?? "";
    completion.start();
  });
}

async function complete(signal) {
  const given = continues || beginning.value || beginning.placeholder;
  continues = "";
  if (!sampling.areValid()) return;
  goOn.disabled = true;
  const text = element("div", { class: "text writing" });
  const made = element("span", { class: "made" });
  const node = made.appendChild(document.createTextNode(""));
  const facts = element("p", { class: "facts" });
  text.append(element("span", { class: "given" }, given), made);
  empty.hidden = true;
  log.replaceChildren(empty, text, facts);
  const whole = await show({
    path: "/v1/completions",
    body: { ...sampling.fields(), prompt: given },
    textOf: choice => choice.text,
    text: node, facts, log, signal,
  });
  text.classList.remove("writing");
  goOn.disabled = !whole;
}
