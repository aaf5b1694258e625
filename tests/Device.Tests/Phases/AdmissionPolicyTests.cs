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
        AdmissionPolicy.Refuse(tokens, context, pages, waiting, queueLimit: 4, TimeSpan.FromHours(1), longestWait: null).ShouldBe(refusal);

    [Theory]
    [InlineData(5, 0, 0.0, null)]
    [InlineData(5, 0, 2.0, null)]
    [InlineData(5, 0, 2.1, DeviceRefusal.QueueFull)]
    [InlineData(5, 4, 0.0, DeviceRefusal.QueueFull)]
    [InlineData(100, 0, 9.0, DeviceRefusal.TooLong)]
    public void A_prompt_is_refused_when_others_would_keep_it_waiting_for_too_long(int tokens, int waiting, double wait, DeviceRefusal? refusal) =>
        AdmissionPolicy.Refuse(tokens, 100, 100, waiting, queueLimit: 4, TimeSpan.FromSeconds(wait), TimeSpan.FromSeconds(2)).ShouldBe(refusal);

    [Theory]
    [InlineData(0, 0, 4, 0.001, 0.5, 0)]        // an idle device
    [InlineData(0, 900, 4, 0.001, 0.5, 0.9)]    // prompts that have pages are computed first
    [InlineData(3, 900, 4, 0.001, 0.5, 0.9)]    // the fourth place is its own
    [InlineData(4, 900, 4, 0.001, 0.2, 0.9)]    // one must come free, sooner than they are computed
    [InlineData(4, 900, 4, 0.001, 0.5, 1.5)]    // or later: its mean and two deviations
    [InlineData(7, 900, 4, 0.001, 0.5, 4.0)]    // four
    [InlineData(0, 0, 0, 0.001, 0.5, 1.5)]
    [InlineData(5, 900, 0, 0, 0, 0)]            // nothing is known yet: the count alone bounds the queue
    [InlineData(int.MaxValue, long.MaxValue, 0, 1, 1, 24 * 60 * 60)]
    public void The_wait_is_for_places_or_for_the_tokens_before_it_whichever_takes_longer(int prompts, long tokens, int free, double perToken, double perPlace, double seconds) =>
        AdmissionPolicy.Wait(new QueueAhead(prompts, tokens, free, perToken, perPlace)).TotalSeconds.ShouldBe(seconds, 1e-6);

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
    [InlineData(0, 1)]
    [InlineData(4.5, 5)]
    [InlineData(1000, 60)]
    public void Retry_after_is_the_wait_in_whole_seconds_within_bounds(double wait, int seconds) =>
        AdmissionPolicy.RetryAfter(TimeSpan.FromSeconds(wait)).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Fact]
    public void What_is_taken_in_fits_the_empty_device_up_to_the_end_of_its_context() => Property.Holds<(ushort Tokens, ushort Model, byte Pages)>(given =>
    {
        var pages = 1 + given.Pages;
        var model = 2 + given.Model;
        var tokens = 1 + given.Tokens;
        var context = AdmissionPolicy.ContextLength(model, model, pages);
        var refusal = AdmissionPolicy.Refuse(tokens, model, pages, waiting: 0, queueLimit: 1, TimeSpan.Zero, longestWait: null);
        (refusal is null).ShouldBe(tokens < context);
        AdmissionPolicy.PagesFor(context).ShouldBeLessThanOrEqualTo(pages);
        (AdmissionPolicy.PagesFor(tokens) * PageId.Size).ShouldBeGreaterThanOrEqualTo(tokens + Sequence.Lookahead);
    });
}
