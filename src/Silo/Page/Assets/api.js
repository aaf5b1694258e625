// Talks to the silo that served this page.

const KEY = "splitwiser.key";
let askForKey = async () => false;

export class ApiError extends Error {
  constructor(status, error, retryAfter) {
    super(error?.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = error?.code ?? null;
    this.retryAfter = retryAfter;
  }
}

/** @param {(rejected: boolean) => Promise<boolean>} ask Lets the user enter a key; resolves to false when there is none. */
export function onKeyNeeded(ask) { askForKey = ask; }

export function setKey(key) { sessionStorage.setItem(KEY, key); }

/** @param {{quiet?: boolean}} how Quiet: a missing key is an error, and nobody is asked. */
export async function getJson(path, { quiet = false } = {}) {
  const answer = await send(path, {}, quiet);
  return answer.json();
}

/** The events of a streamed answer, parsed; ends at [DONE]. */
export async function* stream(path, body, signal) {
  const answer = await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  for await (const data of events(answer.body)) {
    if (data === "[DONE]") return;
    const event = JSON.parse(data);
    if (event.error) throw new ApiError(200, event.error);
    yield event;
  }
  throw new ApiError(200, { message: "The stream broke off." });
}

async function send(path, request, quiet = false) {
  for (;;) {
    const key = sessionStorage.getItem(KEY);
    const answer = await fetch(path, { ...request, cache: "no-store", headers: { ...request.headers, ...(key && { Authorization: `Bearer ${key}` }) } });
    if (answer.ok) return answer;
    if (answer.status === 401 && !quiet && await askForKey(key !== null)) continue;
    const body = await answer.json().catch(() => null);
    throw new ApiError(answer.status, body?.error, answer.headers.get("Retry-After"));
  }
}

/** The data of server-sent events, as the bytes come in. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        if (part.startsWith("data: ")) yield part.slice(6);
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
