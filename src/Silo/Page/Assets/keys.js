// The dialog that asks for an API key, and the button that opens it again.

import { onKeyNeeded, setKey } from "./api.js";

const dialog = document.getElementById("key-dialog");
const key = document.getElementById("key");
let asked = null; // one dialog for all requests that wait for a key

export function start() {
  const open = document.getElementById("key-open");
  onKeyNeeded(rejected => {
    open.hidden = false;
    return asked ??= ask(rejected ? "That key is not valid here." : "").finally(() => { asked = null; });
  });
  open.addEventListener("click", () => ask("").then(given => { if (given) location.reload(); }));
  document.getElementById("key-cancel").addEventListener("click", () => dialog.close(""));
}

function ask(problem) {
  if (dialog.open) dialog.close("");
  document.getElementById("key-problem").textContent = problem;
  key.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  key.focus();
  return new Promise(resolve => {
    const form = document.getElementById("key-form");
    const use = () => { if (key.value.trim() !== "") { setKey(key.value.trim()); dialog.returnValue = "used"; } };
    form.addEventListener("submit", use, { once: true });
    dialog.addEventListener("close", () => {
      form.removeEventListener("submit", use);
      resolve(dialog.returnValue === "used");
    }, { once: true });
  });
}
