using System.Text;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>A part of a template that does something, most of all write.</summary>
internal abstract class Statement(int line)
{
    public Flow Execute(Scope scope, StringBuilder output)
    {
        scope.State.Line = line;
        scope.State.Charge();
        return Run(scope, output);
    }

    protected abstract Flow Run(Scope scope, StringBuilder output);
}
