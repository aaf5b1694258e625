using Spectre.Console;
using Splitwiser.Client.AI;
using Splitwiser.Client.CommandLine;
using Splitwiser.Client.CommandLine.Chat;

namespace Splitwiser.Silo.Tests;

/// <summary>Ctrl-C in a chat.</summary>
public sealed class StopKeyTests(DemoSilo silo)
{
    [Fact]
    public async Task It_stops_the_answer_and_keeps_what_was_said()
    {
        using var stop = new StopKey();
        stop.Press().ShouldBeFalse(); // nothing to stop: it does what it does everywhere
        var output = new Pressing(stop);
        var screen = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        using var http = new HttpClient { BaseAddress = silo.Api.Address };
        var chat = new ChatSession(new Terminal(screen, TextReader.Null, new StringWriter(), TimeProvider.System), new HttpChatClient(http), "the silo", stop, showThoughts: false);
        chat.Settings.TrySet("max_tokens", "1500", out _).ShouldBeTrue();
        await chat.Ask("In the beginning", TestContext.Current.CancellationToken);
        output.Pressed.ShouldBeTrue();
        chat.History.Turns.Count.ShouldBe(1);
        chat.History.Turns[0].Answer.ShouldBe(output.ToString()[..^1].TrimStart('\n'));
        chat.Failures.ShouldBe(0);
        chat.Settings.TrySet("max_tokens", "4", out _).ShouldBeTrue();
        await chat.Ask("And", TestContext.Current.CancellationToken); // and the chat goes on
        chat.History.Turns.Count.ShouldBe(2);
    }

    /// <summary>Presses the key when the first words are there.</summary>
    private sealed class Pressing(StopKey stop) : StringWriter
    {
        public bool Pressed { get; private set; }

        public override Task WriteAsync(string? value)
        {
            Pressed |= value is { Length: > 0 } && stop.Press();
            return base.WriteAsync(value);
        }
    }
}
