namespace Splitwiser.Models.Tokenization;

/// <summary>The special tokens that a post-processor puts before and behind a text's tokens.</summary>
internal sealed class SpecialTokenFrame
{
    private readonly List<int> before;
    private readonly List<int> behind;

    public SpecialTokenFrame(List<int> before, List<int> behind) => (this.before, this.behind) = (before, behind);

    public int Count => before.Count + behind.Count;

    public IReadOnlyList<int> Before => before;

    public IReadOnlyList<int> Behind => behind;

    public static SpecialTokenFrame Read(JsonPart? part)
    {
        var frame = new SpecialTokenFrame([], []);
        if (part is { } given)
            frame.Wrap(given);
        return frame;
    }

    private void Wrap(JsonPart part)
    {
        var type = part["type"];
        switch (type.Text())
        {
            case "ByteLevel": // trims offsets, which are not kept here
                break;
            case "TemplateProcessing":
                WrapTemplate(part["single"], part["special_tokens"]);
                break;
            case "BertProcessing" or "RobertaProcessing":
                before.Insert(0, NamedToken(part["cls"]));
                behind.Add(NamedToken(part["sep"]));
                break;
            case "Sequence":
                foreach (var item in part["processors"].Items())
                    Wrap(item);
                break;
            default:
                throw type.Wrong("a post-processor: ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing or Sequence");
        }
    }

    private void WrapTemplate(JsonPart template, JsonPart tokens)
    {
        var left = new List<int>();
        var right = new List<int>();
        var seen = false;
        foreach (var item in template.Items())
        {
            if (item.Member("Sequence") is { } sequence)
            {
                if (seen || sequence["id"].Text() != "A")
                    throw sequence.Wrong("the sequence \"A\" once in a template for one text");
                seen = true;
            }
            else
            {
                var name = item["SpecialToken"]["id"].Text();
                (seen ? right : left).AddRange(tokens[name]["ids"].Items().Select(id => id.Count()));
            }
        }

        if (!seen)
            throw template.Wrong("the sequence \"A\" in the template");
        before.InsertRange(0, left);
        behind.AddRange(right);
    }

    private static int NamedToken(JsonPart part)
    {
        var pair = part.Items().ToArray();
        return pair.Length == 2 ? pair[1].Count() : throw part.Wrong("a token's text and its id");
    }
}
