using System.Globalization;
using Serverless.Serving.Invocations;

namespace Serverless.Serving.Logging;

/// <summary>
/// The blob names of the log: `{model id}/20261123T03/46-{host}.jsonl`, one blob per minute and host. A request ID leads to its blob, a
/// window is found by listing its hours, and no two writers share a blob.
/// </summary>
public static class LogNames
{
    private const string HourFormat = "yyyyMMdd'T'HH";

    public static string Of(string modelId, LogSlice slice) =>
        $"{HourPrefix(modelId, slice.Minute)}{slice.Minute.Minute.ToString("D2", CultureInfo.InvariantCulture)}-{slice.Host}.jsonl";

    public static string HourPrefix(string modelId, DateTimeOffset hour) => $"{modelId}/{HourOf(hour)}/";

    public static string HourOf(DateTimeOffset time) => time.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture);

    /// <summary>The minute of a blob. Null if it is not a log blob.</summary>
    public static DateTimeOffset? MinuteOf(string name)
    {
        var parts = name.Split('/');
        return
            parts.Length == 3
            && parts[2].Length > 3
            && DateTimeOffset.TryParseExact(
                parts[1] + parts[2][..2],
                HourFormat + "mm",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var minute
            )
            ? minute
            : null;
    }
}
