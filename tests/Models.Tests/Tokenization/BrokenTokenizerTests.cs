using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splitwiser.Models.Tokenization;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Tokenization;

public sealed class BrokenTokenizerTests
{
    [Theory]
    [InlineData("""{}""", "$.model", "a value", "nothing")]
    [InlineData("""[]""", "$", "an object", "an array of 0")]
    [InlineData("""{"model":{"type":"Unigram"}}""", "$.model.type", "\"BPE\", the one model that is served", "\"Unigram\"")]
    [InlineData("""{"model":{"type":"BPE","vocab":{},"merges":{}}}""", "$.model.merges", "an array", "an object")]
    [InlineData("""{"model":{"vocab":{"a":-1},"merges":[]}}""", "$.model.vocab.a", "a whole number from 0 to 2147483646", "-1")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":["a b"]}}""", "$.model.merges[0]", "a merge of tokens of the vocabulary into one", "\"b\", which is not in it")]
    [InlineData("""{"model":{"vocab":{"a":0},"merges":[["a"]]}}""", "$.model.merges[0]", "two tokens", "an array of 1")]
    [InlineData("""{"model":{"vocab":{},"merges":[],"dropout":0.1}}""", "$.model.dropout", "null or 0: a random tokenization can't be served", "0.1")]
    [InlineData("""{"model":{"vocab":{},"merges":[]},"added_tokens":[{"id":0}]}""", "$.added_tokens[0].content", "a value", "nothing")]
    [InlineData("""{"model":{"vocab":{},"merges":[]},"normalizer":{"type":"Prepend"}}""", "$.normalizer.prepend", "a value", "nothing")]
    [InlineData("""{"model":{"vocab":{},"merges":[]},"decoder":{"type":"Sequence","decoders":[{"type":"Strip","content":"ab","start":0,"stop":0}]}}""", "$.decoder.decoders[0].content", "a string of one character", "\"ab\"")]
    [InlineData("""{"model":{"vocab":{"\ud800":0},"merges":[]}}""", "$.model.vocab", "text of whole Unicode characters", "half a surrogate pair")]
    public void What_is_wrong_is_said_with_its_place(string json, string place, string expected, string found)
    {
        var error = Should.Throw<ModelFormatException>(() => Tokenizer.Read("t.json", Encoding.UTF8.GetBytes(json)));
        (error.File, error.Subject, error.Expected, error.Found).ShouldBe(("t.json", place, expected, found));
    }

    [Fact]
    public void A_file_that_is_missing_or_no_json_is_refused()
    {
        Should.Throw<ModelFormatException>(() => Tokenizer.Load(Path.Combine(Repository.Root, "no-such-tokenizer.json"))).Expected.ShouldBe("a file that can be read");
        Should.Throw<ModelFormatException>(() => Tokenizer.Read("t.json", "{\"model\":"u8.ToArray())).Expected.ShouldBe("JSON");
    }

    [Fact]
    public void Text_that_the_vocabulary_can_t_spell_is_refused_where_the_unknown_token_is_missing()
    {
        var tokenizer = new SmallTokenizer { ModelOptions = """ "unk_token":"?", """, Vocabulary = SmallTokenizer.Numbered("a") }.Load();
        tokenizer.Encode("a").ShouldBe([0]);
        Should.Throw<ModelFormatException>(() => tokenizer.Encode("b")).Subject.ShouldBe("$.model");
    }

    [Fact]
    public void Two_thousand_damaged_tokenizers_work_or_are_refused() => Run(seed: 1, cases: 2_000);

    [Fact]
    [Trait("Category", "Long")]
    public void Twenty_thousand_damaged_tokenizers_work_or_are_refused() => Run(seed: 2, cases: 20_000);

    private static void Run(int seed, int cases)
    {
        byte[][] originals = [Shrunk(), Encoding.UTF8.GetBytes(Sentences.Json)];
        var loaded = 0;
        for (var i = 0; i < cases; i++)
        {
            var random = new Random((seed * 1_000_003) + i);
            var original = originals[i % originals.Length];
            var damaged = random.Next(4) == 0 ? Mutation.OfBytes(original, random) : Mutation.OfJson(original, random);
            try
            {
                var tokenizer = Tokenizer.Read("damaged.json", damaged);
                var ids = tokenizer.Encode("In the 1st beginning 🙂 <|endoftext|>\u0301 <unk>");
                tokenizer.Decode(ids);
                tokenizer.Decode([0, 1, 2, 255, -1, tokenizer.VocabularySize]);
                loaded++;
            }
            catch (ModelFormatException refusal)
            {
                refusal.File.ShouldBe("damaged.json");
            }
            catch (Exception e) when (e is not ShouldAssertException)
            {
                throw new InvalidOperationException($"seed {seed}, case {i} threw {e.GetType().Name}", e);
            }
        }

        loaded.ShouldBeInRange(cases / 100, cases * 9 / 10); // else the damage is too great or too small to tell anything
    }

    // The demo's tokenizer with its first 300 tokens.
    private static byte[] Shrunk()
    {
        var root = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository.DemoModel, "tokenizer.json")))!;
        var vocabulary = root["model"]!["vocab"]!.AsObject().Where(token => token.Value!.GetValue<int>() < 300).ToDictionary(token => token.Key, token => token.Value!.GetValue<int>());
        var merges = root["model"]!["merges"]!.AsArray().Select(merge => merge!.AsArray().Select(part => part!.GetValue<string>()).ToArray())
            .Where(merge => vocabulary.ContainsKey(string.Concat(merge))).ToArray();
        root["model"]!["vocab"] = JsonSerializer.SerializeToNode(vocabulary);
        root["model"]!["merges"] = JsonSerializer.SerializeToNode(merges);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    // One of the other kind, with most of the steps that there are.
    private static SmallTokenizer Sentences => new()
    {
        AddedTokens = """[{"id":0,"content":"<unk>","single_word":true,"lstrip":true,"rstrip":true,"normalized":true,"special":true}]""",
        Normalizer = """{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Strip","strip_left":true,"strip_right":false},{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"Regex":"\\s"},"content":"▁"}]}""",
        PreTokenizer = """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\p{N}{1,3}|[^\\r\\n]+"},"behavior":"Isolated","invert":false},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false},{"type":"Digits","individual_digits":true}]}""",
        PostProcessor = """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"S","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"S":{"id":"S","ids":[0],"tokens":["S"]}}}""",
        Decoder = """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}""",
        ModelOptions = """ "dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,"end_of_word_suffix":"","fuse_unk":true,"byte_fallback":true,"ignore_merges":false, """,
        Vocabulary = SmallTokenizer.Numbered("<unk>", "▁", "t", "h", "e", "i", "n", "th", "the", "▁the", "in", "<0xF0>", "<0x9F>", "<0x99>", "<0x82>"),
        Merges = """["t h","th e",["▁","the"],"i n"]""",
    };
}
