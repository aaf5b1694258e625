using Splitwiser.Gpu;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Phases;

public sealed class AdmissionPolicyTests
{
    [Theory]
    [InlineData(99, 100, 100, 0, null)]
    [InlineData(100, 100, 100, 0, DeviceRefusal.TooLong)]       // no room for one token
    [InlineData(61, 100, 2, 0, null)]                           // 61 + 1 + 2 = 64 positions, two pages
    [InlineData(62, 100, 2, 0, DeviceRefusal.NeverFits)]
    [InlineData(5, 100, 100, 3, null)]
    [InlineData(5, 100, 100, 4, DeviceRefusal.QueueFull)]
    [InlineData(100, 100, 2, 4, DeviceRefusal.TooLong)]         // what can never be goes before what can't be now
    public void A_prompt_is_refused_for_its_length_its_pages_or_the_queue(int tokens, int context, int pages, int waiting, DeviceRefusal? refusal) =>
        AdmissionPolicy.Refuse(tokens, context, pages, waiting, queueLimit: 4).ShouldBe(refusal);

    [Theory]
    [InlineData(4096, 2048, 1000, 2048)]
    [InlineData(1024, 2048, 1000, 1024)]
    [InlineData(4096, 8192, 10, 10 * 32 - 2)]
    public void The_context_is_the_least_of_option_model_and_pool(int option, int model, int pages, int context) =>
        AdmissionPolicy.ContextLength(option, model, pages).ShouldBe(context);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(64, 16)]
    public void A_page_is_left_for_every_four_that_run(int running, int spare) => AdmissionPolicy.Spare(running).ShouldBe(spare);

    [Theory]
    [InlineData(0, 0.001, 1)]
    [InlineData(4500, 0.001, 5)]
    [InlineData(1_000_000, 0.001, 60)]
    [InlineData(1_000_000, 0, 1)]
    public void Retry_after_is_the_time_to_prefill_what_waits_within_bounds(long tokens, double secondsPerToken, int seconds) =>
        AdmissionPolicy.RetryAfter(tokens, secondsPerToken).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void What_is_taken_in_fits_the_empty_device_up_to_the_end_of_its_context() => Property.Holds<(ushort Tokens, ushort Model, byte Pages)>(given =>
    {
        var pages = 1 + given.Pages;
        var model = 2 + given.Model;
        var tokens = 1 + given.Tokens;
        var context = AdmissionPolicy.ContextLength(model, model, pages);
        var refusal = AdmissionPolicy.Refuse(tokens, model, pages, waiting: 0, queueLimit: 1);
        (refusal is null).ShouldBe(tokens < context);
        AdmissionPolicy.PagesFor(context).ShouldBeLessThanOrEqualTo(pages);
        (AdmissionPolicy.PagesFor(tokens) * PageId.Size).ShouldBeGreaterThanOrEqualTo(tokens + Sequence.Lookahead);
    });
}
