using System.Text;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>Statements one after the other.</summary>
internal sealed class Block(IReadOnlyList<Statement> statements)
{
    public Flow Execute(Scope scope, StringBuilder output)
    {
        foreach (var statement in statements)
        {
            var flow = statement.Execute(scope, output);
            if (flow != Flow.Next)
                return flow;
        }

        return Flow.Next;
    }
}
