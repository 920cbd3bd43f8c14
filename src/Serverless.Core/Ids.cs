using System.Security.Cryptography;

namespace Serverless.Core;

/// <summary>Creates identifiers. All identifiers come from here.</summary>
public static class Ids
{
    /// <summary>Returns 32 lower-case hex digits, the form of MLflow's run ids.</summary>
    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
