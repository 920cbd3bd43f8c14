using System.Globalization;
using System.Security.Cryptography;

namespace Serverless.Serving.Invocations;

/// <summary>
/// Names of requests: `20261123T0346-1f2e3d4c-0a1b2c3d4e5f`, the minute, the host process, and a random number. Minute and host lead
/// to where the request is logged, so that a label that comes later needs no index to find it.
/// </summary>
internal sealed class RequestIds(TimeProvider time)
{
    private const string Minute = "yyyyMMdd'T'HHmm";
    private const int HostLength = 8;
    private const int RandomLength = 12;
    private const int MinuteLength = 13;

    /// <summary>This process, among all that write the log.</summary>
    public string Host { get; } = RandomNumberGenerator.GetHexString(HostLength, lowercase: true);

    public string Next() =>
        $"{time.GetUtcNow().ToString(Minute, CultureInfo.InvariantCulture)}-{Host}-{RandomNumberGenerator.GetHexString(RandomLength, lowercase: true)}";

    /// <summary>Where a request belongs; null if no host made such an id.</summary>
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

/// <summary>A minute of one host: what lies in one blob of the log.</summary>
public readonly record struct LogSlice(DateTimeOffset Minute, string Host);
