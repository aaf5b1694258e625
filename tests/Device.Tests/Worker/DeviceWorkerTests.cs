using Splitwiser.Gpu.Phases;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

public sealed class DeviceWorkerTests
{
    [Fact]
    public async Task A_prompt_is_answered_with_the_tokens_that_the_model_gives_it_alone()
    {
        await using var device = new TestDevice();
        var request = Request(Prompt(seed: 1, length: 70), maxTokens: 100);
        var (tokens, end) = await device.Generate(request, TestContext.Current.CancellationToken);
        tokens.ShouldBe(device.Alone(request));
        end.ShouldBe(new SequenceEnd(EndReason.Length));
        await device.UntilNoPageIsLeased();
    }

    [Fact]
    public async Task Prompts_that_run_together_get_the_tokens_that_they_get_alone()
    {
        await using var device = new TestDevice();
        var requests = Enumerable.Range(0, 20).Select(i => Request(Prompt(i, 1 + 13 * i), maxTokens: 5 + 7 * i)).ToList();
        var answers = await Task.WhenAll(requests.Select(request => device.Generate(request, TestContext.Current.CancellationToken)));
        for (var i = 0; i < requests.Count; i++) answers[i].Tokens.ShouldBe(device.Alone(requests[i]));
    }
}
