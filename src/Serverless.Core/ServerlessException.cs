namespace Serverless.Core;

/// <summary>
/// The product's only exception type. Says what is wrong, how to fix it, which HTTP status applies, and whether the same call may succeed
/// later.
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

    /// <summary>Gets a stable name from <see cref="ErrorCodes"/>.</summary>
    public string Code { get; }

    /// <summary>Gets what to do about the error, in one sentence.</summary>
    public string? Fix { get; }

    /// <summary>Gets the HTTP status that a server responds with.</summary>
    public int Status { get; }

    /// <summary>Gets a value that indicates whether the same call may succeed later without any change.</summary>
    public bool IsRetryable { get; }

    /// <summary>Gets all findings, if one operation produced several.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>Creates an error for invalid input with all findings.</summary>
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
