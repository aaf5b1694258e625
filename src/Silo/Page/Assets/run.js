// What the two kinds of prompt share: a form that runs one answer at a time, stopped by its button or Esc.

/**
 * @param {{form: string, input: string, stop: string, go: string}} ids
 * @param {(signal: AbortSignal) => Promise<void>} work
 */
export function runs(ids, work) {
  const [form, input, stop, go] = [ids.form, ids.input, ids.stop, ids.go].map(id => document.getElementById(id));
  let running = null;

  async function start() {
    if (running) return;
    running = new AbortController();
    go.hidden = true;
    stop.hidden = false;
    try {
      await work(running.signal);
    } finally {
      running = null;
      if (document.activeElement === stop) input.focus();
      stop.hidden = true;
      go.hidden = false;
    }
  }

  const end = () => running?.abort();
  form.addEventListener("submit", event => { event.preventDefault(); start(); });
  stop.addEventListener("click", () => { input.focus(); end(); });
  input.addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); start(); }
  });
  document.addEventListener("keydown", event => { if (event.key === "Escape" && !document.querySelector("dialog[open]")) end(); });
  return { start, end };
}
