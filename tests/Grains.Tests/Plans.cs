using Splitwiser.Models;
using Splitwiser.Tests;

namespace Splitwiser.Grains.Tests;

/// <summary>The demo model and plans of requests to it.</summary>
internal static class Plans
{
    public static ServedModel Demo { get; } = ServedModel.From(ModelFolder.Open(Repository.DemoModel), "demo");

    public static RequestPlan Of(StopOptions? stop = null, SamplingOptions? sampling = null, params int[] delivered) => Admission.Admit(new()
    {
        TokenIds = [5, 6, 7],
        Sampling = sampling ?? new() { Temperature = 0 },
        Stop = stop ?? new(),
        Delivered = [.. delivered],
    }, Demo);

    public static int[] Ids(string text) => Demo.Tokenizer!.Encode(text, addSpecialTokens: false);

    public static string Text(IEnumerable<int> ids) => Demo.Tokenizer!.Decode([.. ids]);
}
