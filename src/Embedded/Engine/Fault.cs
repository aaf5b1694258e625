using System.Runtime.ExceptionServices;

namespace Splitwiser.Embedded;

/// <summary>A value of a type without [GenerateSerializer] was to cross a call.</summary>
[GenerateSerializer]
internal sealed class CodecNotFoundException(string message) : Exception(message);

/// <summary>What is left of an exception after it crossed a call: its type, text, trace, cause and the members with an id.
/// The framework's own lose their own members, and a type that the wire does not know becomes <see cref="CodecNotFoundException"/>.</summary>
internal static class Fault
{
    private static readonly string[] Framework = ["System", "Microsoft", "Azure"];

    public static Exception Copy(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
            if (!Crosses(cause.GetType())) return new CodecNotFoundException($"{cause.GetType()} can't cross calls. It needs [GenerateSerializer]. It said: {cause.Message}");
        try
        {
            var copy = error is AggregateException several ? new AggregateException(several.InnerExceptions.Select(Copy)) : Remake(error);
            return error.StackTrace is { } trace ? ExceptionDispatchInfo.SetRemoteStackTrace(copy, trace) : copy;
        }
        catch (Exception failure) { return failure; } // the edge of an exception's own code: the caller gets that instead
    }

    private static bool Crosses(Type type) =>
        Copier.IsAnnotated(type) || Framework.Any(name => type.Namespace?.StartsWith(name, StringComparison.Ordinal) == true);

    private static Exception Remake(Exception error)
    {
        var copy = (Exception)RuntimeHelpers.GetUninitializedObject(error.GetType());
        Message(copy) = error.Message;
        Cause(copy) = error.InnerException is { } cause ? Copy(cause) : null;
        HResult(copy) = error.HResult;
        Copier.CopyMembers(error, copy, new(ReferenceEqualityComparer.Instance));
        return copy;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")] private static extern ref string? Message(Exception error);
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")] private static extern ref Exception? Cause(Exception error);
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_HResult")] private static extern ref int HResult(Exception error);
}
