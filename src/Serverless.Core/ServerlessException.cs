namespace Serverless.Core;

/// <summary>
/// The one error type: what was wrong, what would be right, the HTTP status that says so,
/// and whether the same call may succeed later.
/// </summary>
public sealed class ServerlessException : Exception
{
    public ServerlessException(
        string code,
        string message,
        string? fix = null,
        int status = 400,
        bool retryable = false,
        IReadOnlyList<Diagnostic>? diagnostics = null,
        Exception? inner = null
    )
        : base(message, inner)
    {
        Code = code;
        Fix = fix;
        Status = status;
        IsRetryable = retryable;
        Diagnostics = diagnostics ?? [];
    }

    /// <summary>A stable name from <see cref="ErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>What would be right: one sentence a person can act on.</summary>
    public string? Fix { get; }

    /// <summary>The HTTP status a server answers with.</summary>
    public int Status { get; }

    /// <summary>True if the same call may succeed later without any change.</summary>
    public bool IsRetryable { get; }

    /// <summary>All findings, when one reading found several.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>Input that cannot be accepted, with every finding in it.</summary>
    public static ServerlessException Invalid(string message, IReadOnlyList<Diagnostic> diagnostics) =>
        new(ErrorCodes.InvalidParameterValue, message, diagnostics: diagnostics);

    public static ServerlessException Invalid(string message, string? fix = null) => new(ErrorCodes.InvalidParameterValue, message, fix);

    public static ServerlessException NotFound(string message, string? fix = null) =>
        new(ErrorCodes.ResourceDoesNotExist, message, fix, status: 404);

    public static ServerlessException Conflict(string message, string? fix = null) =>
        new(ErrorCodes.ResourceConflict, message, fix, status: 409, retryable: true);

    public static ServerlessException Unavailable(string message, string? fix = null, Exception? inner = null) =>
        new(ErrorCodes.TemporarilyUnavailable, message, fix, status: 503, retryable: true, inner: inner);
}
