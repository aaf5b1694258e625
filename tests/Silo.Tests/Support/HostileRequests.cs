using System.Text;

namespace Splitwiser.Silo.Tests;

/// <summary>Requests that nobody means well, drawn from a seed.</summary>
internal sealed class HostileRequests(int seed)
{
    private static readonly string[] Paths = ["/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/tokenize", "/detokenize"];

    private static readonly string[] Bodies =
    [
        """{"prompt": "In the beginning", "max_tokens": 3, "temperature": 0.5, "top_p": 0.9, "stop": ["x", "y"], "seed": 5, "logit_bias": {"5": 1.5}, "n": 2}""",
        """{"messages": [{"role": "user", "content": "Who was king?"}], "max_tokens": 3, "stream": true, "stream_options": {"include_usage": true}}""",
        """{"prompt": [1, 2, 3], "max_tokens": 2, "logprobs": 2, "stop_token_ids": [4], "user": "someone"}""",
        """{"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}], "max_completion_tokens": 2, "logprobs": true, "top_logprobs": 2}""",
        """{"prompt": "Hello, world", "return_token_strs": true}""",
        """{"tokens": [1, 2, 3]}""",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "-1", "0", "1e400", "-0.0", "99999999999999999999", "0.1", "\"\"", "\"x\"", "\"\\ud800\"", "[]", "{}", "[[]]", "[null]", "{\"a\": {}}", "[1, \"a\", {}]",
        "\"\\u0000\"", "[-1]", "[4096]", "1.5", "NaN", "'x'", "[\"\"]",
    ];

    private static readonly string[] Garbage =
    [
        "GET\r\n\r\n", "\0\0\0\0", "POST /v1/completions\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /v1/completions HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "\u0016\u0003\u0001\u0002\0\u0001", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /page/..%2f..%2f..%2fetc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "DELETE /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /v1/models/..%2f..%2fetc HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
    ];

    private readonly Random random = new(seed);

    /// <param name="IsHttp">The HTTP parser takes it, so that an answer has OpenAI's shape.</param>
    public sealed record Request(HostileKind Kind, byte[] Bytes, bool IsHttp = true);

    public Request Next() => random.Next(12) switch
    {
        0 or 1 or 2 => Posted(HostileKind.WrongType, Encoding.UTF8.GetBytes(WithWrongValue())),
        3 or 4 => Posted(HostileKind.BadJson, Mutated()),
        5 => Posted(HostileKind.Deep, Encoding.UTF8.GetBytes(Deep())),
        6 => Posted(HostileKind.BadUtf8, WithBadUtf8()),
        7 => Posted(HostileKind.Huge, new byte[random.Next(1, 200_000)], random.Next(2) == 0 ? "Content-Type: application/json\r\n" : "Content-Type: text/plain\r\n"),
        8 => new(HostileKind.NoHttp, Encoding.Latin1.GetBytes(Pick(Garbage)), IsHttp: false),
        9 => new(HostileKind.HugeHead, [.. Encoding.ASCII.GetBytes($"GET /{new string('a', random.Next(20_000))} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: {new string('b', random.Next(50_000))}\r\n\r\n")], IsHttp: false),
        10 => Posted(HostileKind.Slow, random.Next(2) == 0 ? Mutated() : Encoding.UTF8.GetBytes(WithWrongValue())),
        _ => Abandoned(),
    };

    private Request Posted(HostileKind kind, byte[] body, string headers = "Content-Type: application/json\r\n") => new(kind, RawRequest.Post(Pick(Paths), body, headers));

    /// <summary>A good request, cut anywhere, or left as soon as it was sent.</summary>
    private Request Abandoned()
    {
        var bytes = RawRequest.Post(Pick(Paths), Encoding.UTF8.GetBytes("""{"prompt": "And", "messages": [{"role": "user", "content": "And"}], "max_tokens": 500, "ignore_eos": true, "stream": true}"""));
        return new(HostileKind.Abandoned, random.Next(2) == 0 ? bytes : bytes[..random.Next(1, bytes.Length)]);
    }

    /// <summary>One value replaced by another, of any type.</summary>
    private string WithWrongValue()
    {
        var body = Pick(Bodies);
        var colons = Enumerable.Range(0, body.Length).Where(at => body[at] == ':').ToArray();
        var from = Pick(colons) + 1;
        var to = body.IndexOfAny([',', '}', ']'], from);
        return string.Concat(body.AsSpan(0, from), Pick(Values), body.AsSpan(to));
    }

    private byte[] Mutated()
    {
        var body = Encoding.UTF8.GetBytes(Pick(Bodies));
        for (var i = random.Next(1, 4); i > 0; i--)
            body[random.Next(body.Length)] = (byte)random.Next(32, 127);
        return random.Next(2) == 0 ? body : body[..random.Next(body.Length)];
    }

    private string Deep() => $"{{\"prompt\": \"x\", \"max_tokens\": 1, \"odd\": {string.Concat(Enumerable.Repeat(random.Next(2) == 0 ? "[" : "{\"a\":", random.Next(1, 5000)))}";

    private byte[] WithBadUtf8()
    {
        var body = Encoding.UTF8.GetBytes(Pick(Bodies)).ToList();
        body.InsertRange(random.Next(body.Count), [0xC3, 0x28]);
        return [.. body];
    }

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}

/// <summary>What is wrong with a request.</summary>
internal enum HostileKind
{
    WrongType,
    BadJson,
    Deep,
    BadUtf8,
    Huge,
    HugeHead,
    NoHttp,

    /// <summary>It comes a few bytes at a time.</summary>
    Slow,

    /// <summary>Its sender does not wait for the answer.</summary>
    Abandoned,
}
