namespace Splitwiser.Silo.Demo;

/// <summary>Shows the answers while they stream.</summary>
internal interface IDemoView
{
    /// <summary>Runs the streams; each tells of its pieces through the given action, from any thread.</summary>
    Task Show(IReadOnlyList<DemoAnswer> answers, Func<Action<DemoAnswer, string>, Task> streams);
}
