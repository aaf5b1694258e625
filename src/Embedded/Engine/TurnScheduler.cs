namespace Splitwiser.Embedded;

/// <summary>Runs the turns of one activation, one at a time and in order, on the thread pool. As a <see cref="TaskScheduler"/> it also
/// takes what follows an await in grain code, so that code never runs beside itself.</summary>
internal sealed class TurnScheduler(Activation owner) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>How to wait in a turn for the end of a task, whatever it is.</summary>
    public const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
    private const int TurnsInARow = 64; // then other activations get the thread
    [ThreadStatic] private static TurnScheduler? current;
    private readonly Queue<(Action<object?> Run, object? State)> turns = new();
    private bool scheduled; // whether a pool thread has these turns or is about to; guarded by turns

    /// <summary>The activation whose turn this thread runs.</summary>
    public static Activation? CurrentOwner => current?.Owner;
    private Activation Owner { get; } = owner;

    /// <summary>From any thread. The caller's execution context stays behind.</summary>
    public void Post(Action<object?> run, object? state)
    {
        lock (turns)
        {
            turns.Enqueue((run, state));
            if (scheduled) return;
            scheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        current = this;
        // Inside a task of this scheduler, so that awaits in the turns come back to it. It does not throw: RunSome doesn't.
        var frame = new Task<bool>(static self => ((TurnScheduler)self!).RunSome(), this, TaskCreationOptions.DenyChildAttach);
        frame.RunSynchronously(this);
        current = null;
        if (frame.Result) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    protected override void QueueTask(Task task) => Post(RunTask, task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => []; // for debuggers

    private void RunTask(object? task) => TryExecuteTask((Task)task!);

    /// <returns>Whether turns are left; if not, the next post schedules anew.</returns>
    private bool RunSome()
    {
        for (var count = 0; ; count++)
        {
            (Action<object?> Run, object? State) turn;
            lock (turns)
            {
                if (turns.Count == 0) return scheduled = false;
                if (count == TurnsInARow) return true;
                turn = turns.Dequeue();
            }
            try { turn.Run(turn.State); }
            catch (Exception error) { Owner.Silo.Log.GrainCodeFailed(error, Owner.GrainId); } // the loop's edge: a callback on a token threw, and the next turn must run all the same
        }
    }
}
