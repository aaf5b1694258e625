// Chats: the conversation so far goes with each message.

import { element, show } from "./answer.js";
import { runs } from "./run.js";
import * as sampling from "./sampling.js";

const log = document.getElementById("transcript");
const empty = document.getElementById("chat-empty");
const prompt = document.getElementById("prompt");
let messages = [];

export function start() {
  const chat = runs({ form: "chat-form", input: "prompt", stop: "chat-stop", go: "chat-send" }, say);
  for (const example of empty.querySelectorAll("[data-say]")) {
    example.addEventListener("click", () => {
      prompt.value = example.dataset.say;
      prompt.focus();
      chat.start();
    });
  }
  document.getElementById("chat-new").addEventListener("click", () => {
    chat.end();
    messages = [];
    log.replaceChildren(empty);
    empty.hidden = false;
    prompt.focus();
  });
}

/** The model takes no chats: says why instead. */
export function refuse(reason) {
  document.getElementById("chat-invitation").textContent = reason;
  empty.querySelector(".examples").hidden = true;
  for (const id of ["prompt", "chat-send", "chat-new"]) document.getElementById(id).disabled = true;
}

async function say(signal) {
  const said = prompt.value.trim();
  if (said === "" || !sampling.areValid()) return;
  prompt.value = "";
  empty.hidden = true;
  const before = messages;
  messages = [...messages, { role: "user", content: said }];
  const asked = turn("user", "You", said);
  const answer = turn("assistant", "Answer", "");
  answer.turn.classList.add("writing");
  log.scrollTop = log.scrollHeight;
  const system = sampling.systemMessage();
  const conversation = messages;
  const whole = await show({
    path: "/v1/chat/completions",
    body: { ...sampling.fields(), messages: [...(system ? [{ role: "system", content: system }] : []), ...messages] },
    leading: /^\s+/,
    textOf: choice => choice.delta.content,
    text: answer.text, facts: answer.facts, log, signal,
  });
  answer.turn.classList.remove("writing");
  if (messages !== conversation) return; // a new chat was begun meanwhile
  if (whole) {
    messages = [...messages, { role: "assistant", content: answer.text.textContent }];
  } else {
    messages = before; // what failed is not part of the conversation: it comes back to be sent again
    asked.turn.remove();
    if (answer.text.textContent === "") answer.text.parentElement.remove();
    prompt.value ||= said;
  }
}

function turn(role, name, words) {
  const made = element("article", { class: "turn", "data-role": role });
  const text = element("div", { class: "text" });
  const facts = element("p", { class: "facts" });
  text.append(words);
  made.append(element("h4", {}, name), text, facts);
  log.append(made);
  return { turn: made, text: text.firstChild ?? text.appendChild(document.createTextNode("")), facts };
}
