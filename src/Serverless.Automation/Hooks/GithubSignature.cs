using System.Security.Cryptography;
using System.Text;

namespace Serverless.Automation.Hooks;

/// <summary>
/// GitHub's signature of a delivery: HMAC-SHA256 of the raw body with the shared secret, as `sha256=` and hexadecimal digits.
/// </summary>
public static class GithubSignature
{
    private const string Prefix = "sha256=";

    /// <summary>Compares in constant time, so that the duration reveals nothing about the signature.</summary>
    public static bool IsValid(string secret, ReadOnlySpan<byte> body, string? header)
    {
        if (
            header is null
            || !header.StartsWith(Prefix, StringComparison.Ordinal)
            || header.Length != Prefix.Length + (2 * SHA256.HashSizeInBytes)
        )
        {
            return false;
        }

        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        return Convert.FromHexString(header.AsSpan(Prefix.Length), given, out _, out var written) == System.Buffers.OperationStatus.Done
            && written == given.Length
            && CryptographicOperations.FixedTimeEquals(given, HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
    }
}
