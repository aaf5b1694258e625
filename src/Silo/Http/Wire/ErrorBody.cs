namespace Splitwiser.Silo.Http.Wire;

/// <summary>OpenAI's error shape: {"error": {...}}.</summary>
internal sealed record ErrorBody(ErrorDetail Error);

/// <summary>The same while the model loads.</summary>
/// <param name="Progress">Share of the weights that is read, 0 to 1.</param>
internal sealed record LoadingBody(ErrorDetail Error, string Status, double Progress);

/// <param name="Param">The request's field at fault, null when none is.</param>
/// <param name="Code">A machine's word for the error, null when the type says it all.</param>
internal sealed record ErrorDetail(string Message, string Type, string? Param, string? Code);
