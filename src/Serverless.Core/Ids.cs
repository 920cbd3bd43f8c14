using System.Security.Cryptography;

namespace Serverless.Core;

/// <summary>The one place that makes identifiers.</summary>
public static class Ids
{
    /// <summary>32 lower-case hex digits: the form of MLflow's run ids.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
