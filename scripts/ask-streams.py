#!/usr/bin/env python3
"""Asks running silos for streamed completions, all at once, and writes what came: token ids, times between chunks, errors.
   ask-streams.py ANSWERS FILE URL... [--kill PID SHARE]     SHARE: of all tokens, those that have come when the process PID is killed
Every number has its prompt, length and seed, so that two runs must give the same tokens."""
import http.client, json, os, signal, sys, threading, time

DEADLINE = 300  # seconds without a byte


come = 0  # tokens of all streams
counting = threading.Lock()


def length(number):
    return 20 + number * 7 % 41  # up to 60


def ask(number, address, into):
    global come
    output = length(number)
    body = {"prompt": f"In the beginning {number}", "max_tokens": output, "temperature": 1, "seed": number,
            "ignore_eos": True, "stream": True, "return_token_ids": True}
    ids, gap, last, error, ended = [], 0.0, None, None, False
    try:
        connection = http.client.HTTPConnection(address, timeout=DEADLINE)
        connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            error = f"{answer.status}: {answer.read().decode()[:200]}"
        while error is None and (line := answer.readline()):
            if not line.startswith(b"data: "):
                continue
            if line.strip() == b"data: [DONE]":
                ended = True
                break
            event = json.loads(line[6:])
            if "error" in event:
                error = json.dumps(event["error"])
                break
            new = [token for choice in event["choices"] for token in choice.get("token_ids") or []]
            if new:
                now = time.monotonic()
                gap, last = max(gap, now - last if last else 0), now
                ids += new
                with counting:
                    come += len(new)
    except (OSError, http.client.HTTPException, ValueError) as broken:
        error = f"{type(broken).__name__}: {broken}"
    if error is None and not (ended and len(ids) == output):
        error = f"{len(ids)} tokens of {output} came"
    into[number] = {"ids": ids, "gap": gap, "error": error}


def main(answers, file, *rest):
    kill = rest.index("--kill") if "--kill" in rest else len(rest)
    addresses = [url.removeprefix("http://") for url in rest[:kill]]
    into = {}
    threads = [threading.Thread(target=ask, args=(number, addresses[number % len(addresses)], into)) for number in range(int(answers))]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    if kill < len(rest):
        enough = float(rest[kill + 2]) * sum(length(number) for number in range(int(answers)))
        while come < enough and len(into) < int(answers):
            time.sleep(0.01)
        os.kill(int(rest[kill + 1]), signal.SIGKILL)
        print(f"killed after {time.monotonic() - started:.2f} s and {come} tokens, {int(answers) - len(into)} streams open")
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started
    with open(file, "w") as out:
        json.dump({"seconds": seconds, "answers": [into[number] for number in range(int(answers))]}, out)
    errors = [f"{number}: {into[number]['error']}" for number in into if into[number]["error"]]
    print(f"{answers} streams in {seconds:.1f} s, worst gap {max(answer['gap'] for answer in into.values()):.2f} s, {len(errors)} errors" + (f", the first {errors[0]}" if errors else ""))


main(*sys.argv[1:])
