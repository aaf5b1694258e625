using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>An error that is answered as it stands: a status and OpenAI's error body.</summary>
internal sealed class ApiException(int status, ErrorDetail error, TimeSpan? retryAfter = null) : Exception(error.Message)
{
    public int Status { get; } = status;

    public ErrorDetail Error { get; } = error;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>400: the request is at fault.</summary>
    public static ApiException Invalid(string message, string? field = null, string? code = null) =>
        new(StatusCodes.Status400BadRequest, new(message, "invalid_request_error", field, code));

    public static ApiException UnknownModel(string? model) =>
        new(StatusCodes.Status404NotFound, new($"The model '{model}' is not served here; GET /v1/models lists what is.", "invalid_request_error", "model", "model_not_found"));

    /// <summary>401: no valid key.</summary>
    public static ApiException Unauthorized(string message) =>
        new(StatusCodes.Status401Unauthorized, new(message, "invalid_request_error", null, "invalid_api_key"));

    /// <summary>429: the caller's own limit.</summary>
    public static ApiException TooMany(string message, string code, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, new(message, "rate_limit_error", null, code), retryAfter);

    /// <summary>421: meant for another host.</summary>
    public static ApiException Misdirected(string message) =>
        new(StatusCodes.Status421MisdirectedRequest, new(message, "invalid_request_error", null, "unknown_host"));

    /// <summary>504: the server's own deadline for a request.</summary>
    public static ApiException TimedOut(double seconds) =>
        new(StatusCodes.Status504GatewayTimeout, new($"The request took longer than {seconds} s, which is all that this server gives one.", "timeout_error", null, "request_timeout"));

    public static ApiException Unavailable(string message, TimeSpan? retryAfter = null) =>
        new(StatusCodes.Status503ServiceUnavailable, new(message, "service_unavailable_error", null, "service_unavailable"), retryAfter);

    /// <summary>An answer of the host itself that has a status alone: an unknown route, a wrong method, a body too large.</summary>
    public static ApiException OfStatus(int status) => new(status, status switch
    {
        StatusCodes.Status404NotFound => new("There is no such route.", "invalid_request_error", null, "route_not_found"),
        StatusCodes.Status405MethodNotAllowed => new("This route doesn't take that method.", "invalid_request_error", null, "method_not_allowed"),
        StatusCodes.Status408RequestTimeout => new("The request's body came too slowly.", "invalid_request_error", null, "request_timeout"),
        StatusCodes.Status413PayloadTooLarge => new("The body is larger than this server takes (--max-body-bytes).", "invalid_request_error", null, "request_too_large"),
        StatusCodes.Status415UnsupportedMediaType => new("The body must be application/json.", "invalid_request_error", null, "unsupported_media_type"),
        < 500 => new("The request can't be read.", "invalid_request_error", null, null),
        _ => new("The server failed on this request; its log says how.", "server_error", null, null),
    });

    /// <summary>The answer to an exception from below; a 500 for what nobody foresaw.</summary>
    public static ApiException Of(Exception exception) => exception switch
    {
        ApiException known => known,
        RequestRefusedException refused => Of(refused),
        RequestLostException lost => new(StatusCodes.Status500InternalServerError, new(lost.Message, "server_error", null, Code(lost.Reason))),
        DeviceGoneException gone => new(StatusCodes.Status404NotFound, new(gone.Message, "invalid_request_error", null, "unknown_device")),
        DeviceControlException refused => new(StatusOf(refused.Reason), new(refused.Message, "invalid_request_error", null, $"device_{refused.Reason.ToString().ToLowerInvariant()}")),
        BadHttpRequestException bad => OfStatus(bad.StatusCode),
        TimeoutException or SiloUnavailableException => Unavailable("The request's silo didn't answer in time."),
        _ => OfStatus(StatusCodes.Status500InternalServerError),
    };

    private static ApiException Of(RequestRefusedException refused) => refused.Reason switch
    {
        RefusalReason.UnknownModel => new(StatusCodes.Status404NotFound, new(refused.Message, "invalid_request_error", "model", "model_not_found")),
        RefusalReason.ContextOverflow => Invalid(refused.Message, refused.Parameter, "context_length_exceeded"),
        RefusalReason.QueueFull => new(
            StatusCodes.Status429TooManyRequests,
            new(refused.Message, "rate_limit_error", null, "rate_limit_exceeded"),
            refused.RetryAfter ?? TimeSpan.FromSeconds(1)),
        RefusalReason.Unavailable => Unavailable(refused.Message, refused.RetryAfter),
        _ => Invalid(refused.Message, refused.Parameter),
    };

    private static int StatusOf(ControlRefusal reason) => reason switch
    {
        ControlRefusal.Unknown => StatusCodes.Status404NotFound,
        ControlRefusal.Invalid => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status409Conflict,
    };

    private static string Code(LossReason reason) => reason switch
    {
        LossReason.Superseded => "request_superseded",
        LossReason.ConsumerIdle => "consumer_idle",
        LossReason.FormatStuck => "format_stuck",
        _ => "devices_lost",
    };
}
