using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splitwiser.Silo.Tests;

/// <summary>
/// A model folder whose model says given texts, at any temperature: the last token of a prompt is a cue, and every token leads to the
/// next one of its script. Its layers add nothing, and its head has each token's own embedding in the row of the token after it.
/// </summary>
internal sealed class ScriptedModel
{
    private const int End = 0;
    private readonly TinyModel shape;
    private readonly List<(string Content, bool Special)> added = [("<|end|>", true)];
    private readonly Dictionary<int, int> next = [];
    private readonly string[] alphabet = [.. ByteAlphabet()];

    private ScriptedModel(IEnumerable<(string Cue, string Text)> scripts, string[] specials)
    {
        foreach (var (cue, text) in scripts)
            Append(cue, text, specials);
        shape = new()
        {
            Vocabulary = added.Count + alphabet.Length, Hidden = 256, Layers = 1, Heads = 2, KvHeads = 1, HeadSize = 8, Intermediate = 8,
            MaxPositions = 4096, EosTokenId = End,
        };
    }

    /// <param name="specials">Words of the texts that are special tokens of the model, each in one text once.</param>
    public static TemporaryFolder Write(string template, IEnumerable<(string Cue, string Text)> scripts, params string[] specials)
    {
        var model = new ScriptedModel(scripts, specials);
        var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], model.shape.Config().ToJsonString());
        File.WriteAllText(folder["chat_template.jinja"], template);
        File.WriteAllText(folder["tokenizer.json"], model.Tokenizer().ToJsonString());
        StoredTensor.WriteAll(folder["model.safetensors"], model.Tensors());
        return folder;
    }

    private void Append(string cue, string text, string[] specials)
    {
        var last = Add(cue, false);
        foreach (var piece in Cut(text, specials))
        {
            var token = Add(piece, specials.Contains(piece));
            next[last] = token;
            last = token;
        }

        next[last] = End;
    }

    /// <summary>Pieces of 2 to 6 characters that are all different and new, special tokens whole: the first such cut of many.</summary>
    private List<string> Cut(string text, string[] specials)
    {
        for (var seed = 0; ; seed++)
        {
            var random = new Random(seed);
            List<string> pieces = [];
            for (var at = 0; at < text.Length; at += pieces[^1].Length)
            {
                var special = specials.FirstOrDefault(word => text.AsSpan(at).StartsWith(word));
                var end = specials.Select(word => text.IndexOf(word, at, StringComparison.Ordinal)).Where(place => place > at).DefaultIfEmpty(text.Length).Min();
                pieces.Add(special ?? text[at..Math.Min(end, at + random.Next(2, 7))]);
            }

            if (pieces.Distinct().Count() == pieces.Count && pieces.All(piece => piece.Length > 1 && added.All(token => token.Content != piece)))
                return pieces;
            seed.ShouldBeLessThan(10_000, $"'{text}' can't be cut into new pieces: say it otherwise.");
        }
    }

    private int Add(string content, bool special)
    {
        if (added.Any(token => token.Content == content))
            throw new ArgumentException($"'{content}' would be in the vocabulary twice: say it otherwise.");
        added.Add((content, special));
        return added.Count - 1;
    }

    private IEnumerable<StoredTensor> Tensors()
    {
        var random = new Random(5);
        var embedding = Enumerable.Range(0, shape.Vocabulary).Select(_ => Enumerable.Range(0, shape.Hidden).Select(_ => random.Next(2) == 0 ? 1f : -1f).ToArray()).ToArray();
        var head = new float[shape.Vocabulary][];
        Array.Fill(head, new float[shape.Hidden]);
        foreach (var (from, to) in next.Where(pair => pair.Value != End))
            head[to] = embedding[from];
        head[End] = [.. Enumerable.Range(0, shape.Hidden).Select(i => next.Where(pair => pair.Value == End).Sum(pair => embedding[pair.Key][i]))];
        return shape.Tensors().Select(tensor => tensor.Name switch
        {
            "model.embed_tokens.weight" => tensor with { Bytes = Bytes(embedding) },
            "lm_head.weight" => tensor with { Bytes = Bytes(head) },
            _ when tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal) => tensor with { Bytes = Bytes([.. Enumerable.Repeat(new[] { 1f }, tensor.Bytes.Length / 2)]) },
            _ => tensor with { Bytes = new byte[tensor.Bytes.Length] },
        });
    }

    private static byte[] Bytes(float[][] rows) =>
        [.. rows.SelectMany(row => row).SelectMany(value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)))];

    private JsonObject Tokenizer()
    {
        var vocabulary = new JsonObject();
        foreach (var text in added.Select(token => token.Content).Concat(alphabet))
            vocabulary[text] = vocabulary.Count;
        return new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. added.Select((token, id) => new JsonObject
            {
                ["id"] = id, ["content"] = token.Content, ["special"] = token.Special,
                ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false,
            })]),
            ["pre_tokenizer"] = ByteLevel(),
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }

    private static JsonObject ByteLevel() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };

    /// <summary>GPT-2's printable stand-ins for the 256 bytes.</summary>
    private static IEnumerable<string> ByteAlphabet()
    {
        var others = 256;
        for (var value = 0; value < 256; value++)
            yield return ((char)(value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? value : others++)).ToString();
    }
}
