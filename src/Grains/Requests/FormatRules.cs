using Splitwiser.Models.Grammar;

namespace Splitwiser.Grains;

/// <summary>What must hold of a request whose answer has a format.</summary>
internal static class FormatRules
{
    private const string Field = "response_format";
    private const int MaxDepth = 8;

    /// <exception cref="RequestRefusedException">The format can't be honoured, or contradicts the other fields.</exception>
    public static void Check(GenerateRequest request, ServedModel model)
    {
        if (request.Constraint is not { } constraint) return;
        var field = constraint.Field ?? Field;
        if (model.Grammars is not { } grammars) throw new RequestRefusedException(RefusalReason.InvalidRequest, $"{model.Name} has no tokenizer: a format needs one.", field);
        Admission.Require(!request.Stop.IgnoreEos, "ignore_eos", "ignore_eos can't be honoured with a format: the answer ends where it is complete.");
        Admission.Require(IsWithin(constraint, MaxDepth), field, $"{field}: formats are put together in at most {MaxDepth} levels.");
        try
        {
            grammars.Of(constraint.ToModel());
        }
        catch (GrammarException e)
        {
            throw new RequestRefusedException(RefusalReason.InvalidRequest, $"{field}: {e.Message}.", field);
        }
    }

    private static bool IsWithin(OutputConstraint constraint, int levels) => levels > 0 && Admission.OrEmpty(constraint.Parts).All(part => IsWithin(part, levels - 1));
}
