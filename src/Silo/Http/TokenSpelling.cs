using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Splitwiser.Models.Tokenization;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>How logprobs spell tokens: by their text, or "token_id:N" when asked to or when the model has no tokenizer.</summary>
internal sealed class TokenSpelling(Tokenizer? tokenizer, bool asIds)
{
    public Tokenizer? Tokenizer => tokenizer;

    /// <summary>Whether the answer carries token ids: when asked for, and for a model that has nothing else.</summary>
    public bool WithIds(GenerationFields asked) => asked.ReturnTokenIds ?? tokenizer is null;

    public string Of(int id) => tokenizer is null || asIds
        ? string.Create(CultureInfo.InvariantCulture, $"token_id:{id}")
        : Encoding.UTF8.GetString(tokenizer.TokenBytes(id));

    /// <summary>Appends the positions to the four lists of /v1/completions; <paramref name="offset"/> is where the next token's text begins.</summary>
    public void Append(CompletionLogprobs lists, ImmutableArray<PositionLogprobs> positions, ref int offset)
    {
        foreach (var position in positions)
        {
            var token = Of(position.Sampled.TokenId);
            var top = new Dictionary<string, float>();
            foreach (var likely in position.Top)
                top.TryAdd(Of(likely.TokenId), likely.Logprob);
            top.TryAdd(token, position.Sampled.Logprob);
            lists.TextOffset.Add(offset);
            lists.Tokens.Add(token);
            lists.TokenLogprobs.Add(position.Sampled.Logprob);
            lists.TopLogprobs.Add(top);
            offset += token.Length;
        }
    }

    /// <summary>Appends an echoed prompt to the four lists.</summary>
    /// <param name="most">Likely tokens of a position; there may be more of them.</param>
    /// <param name="skipsSpecial">Special tokens have no text in the echo.</param>
    public void AppendPrompt(CompletionLogprobs lists, GenerationStart start, int most, bool skipsSpecial)
    {
        var first = start.PromptIds[0];
        var offset = 0;
        lists.TextOffset.Add(offset);
        lists.Tokens.Add(Of(first));
        lists.TokenLogprobs.Add(null);
        lists.TopLogprobs.Add(null);
        Advance(first);
        foreach (var position in start.PromptLogprobs)
        {
            var token = offset;
            Append(lists, [position with { Top = [.. position.Top.Take(most)] }], ref token);
            Advance(position.Sampled.TokenId);
        }

        void Advance(int id) => offset += skipsSpecial && tokenizer!.IsSpecial(id) ? 0 : Of(id).Length;
    }

    /// <summary>vLLM's prompt_logprobs: the prompt's own token of each position and the likeliest there, by id; the first position has nothing before it.</summary>
    /// <param name="most">Likely tokens of a position; there may be more of them.</param>
    public List<Dictionary<string, PromptTokenLogprob>?> Prompt(GenerationStart start, int most)
    {
        List<Dictionary<string, PromptTokenLogprob>?> positions = [null];
        foreach (var position in start.PromptLogprobs)
        {
            var tokens = new Dictionary<string, PromptTokenLogprob> { [Key(position.Sampled)] = Ranked(position.Sampled, PlaceOf(position)) };
            for (var rank = 0; rank < Math.Min(most, position.Top.Length); rank++) tokens.TryAdd(Key(position.Top[rank]), Ranked(position.Top[rank], rank));
            positions.Add(tokens);
        }

        return positions;

        static int PlaceOf(PositionLogprobs position) => position.Top.Select(likely => likely.TokenId).ToList().IndexOf(position.Sampled.TokenId);
        static string Key(IdLogprob token) => token.TokenId.ToString(CultureInfo.InvariantCulture);
        PromptTokenLogprob Ranked(IdLogprob token, int place) => new(token.Logprob, place < 0 ? null : place + 1, Of(token.TokenId));
    }

    public ChatTokenLogprob Of(PositionLogprobs position) =>
        Of(position.Sampled, [.. position.Top.Select(likely => Of(likely, null))]);

    private ChatTokenLogprob Of(IdLogprob token, List<ChatTokenLogprob>? top) =>
        new(Of(token.TokenId), token.Logprob, Bytes(token.TokenId), top);

    private ImmutableArray<int> Bytes(int id) => tokenizer is null ? [] : [.. tokenizer.TokenBytes(id).Select(part => (int)part)];
}
