using System.Runtime.CompilerServices;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat;

/// <summary>One rendering under way: where it is, and how much it may still do.</summary>
internal sealed class RenderState(TimeProvider clock)
{
    private const long MostWork = 20_000_000;
    private long work;

    public TimeProvider Clock => clock;

    /// <summary>The template's line that is being rendered.</summary>
    public int Line { get; set; }

    /// <summary>Counts a step, or the characters that it makes: a template can't run or grow without end.</summary>
    public void Charge(long amount = 1)
    {
        work += amount;
        if (work > MostWork)
            throw new TemplateError("the template does too much: too many steps or too long a text");
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateError("the template calls itself too deep");
    }
}
