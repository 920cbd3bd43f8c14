using System.Globalization;
using System.Security.Cryptography;

namespace Serverless.Serving.Invocations;

/// <summary>
/// Request IDs: `20261123T0346-1f2e3d4c-0a1b2c3d4e5f`, the minute, the host process, and a random number. Minute and host locate the
/// request in the log, so that a later label needs no index to find it.
/// </summary>
internal sealed class RequestIds(TimeProvider time)
{
    private const string Minute = "yyyyMMdd'T'HHmm";
    private const int HostLength = 8;
    private const int RandomLength = 12;
    private const int MinuteLength = 13;

    /// <summary>Identifies this process among all writers of the log.</summary>
    public string Host { get; } = RandomNumberGenerator.GetHexString(HostLength, lowercase: true);

    public string Next() =>
        $"{time.GetUtcNow().ToString(Minute, CultureInfo.InvariantCulture)}-{Host}-"
        + RandomNumberGenerator.GetHexString(RandomLength, lowercase: true);

    /// <summary>The slice of a request. Null if the ID is not one of ours.</summary>
    public static LogSlice? SliceOf(string requestId) =>
        requestId.Length == MinuteLength + HostLength + RandomLength + 2
        && requestId[MinuteLength] == '-'
        && requestId[MinuteLength + HostLength + 1] == '-'
        && requestId.AsSpan(MinuteLength + 1).IndexOfAnyExcept("0123456789abcdef-") < 0
        && DateTimeOffset.TryParseExact(
            requestId.AsSpan(0, MinuteLength),
            Minute,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var minute
        )
            ? new LogSlice(minute, requestId.Substring(MinuteLength + 1, HostLength))
            : null;
}

/// <summary>One minute of one host: the content of one log blob.</summary>
public readonly record struct LogSlice(DateTimeOffset Minute, string Host);
