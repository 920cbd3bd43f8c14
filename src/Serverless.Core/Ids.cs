using System.Security.Cryptography;

namespace Serverless;

/// <summary>The one place that makes identifiers.</summary>
public static class Ids
{
    /// <summary>32 lower-case hex digits: the form of MLflow's run ids.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>18 decimal digits, no leading zero: the form of MLflow's experiment ids.</summary>
    public static string NewNumericId() =>
        (100_000_000_000_000_000L + (RandomNumberGenerator.GetInt32(900_000_000) * 1_000_000_000L)
            + RandomNumberGenerator.GetInt32(1_000_000_000)).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
