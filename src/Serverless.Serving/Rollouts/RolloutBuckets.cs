using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// The position of a request key between 0 and 1 in a rollout: keys below the challenger's share go to it. The position never changes, so
/// a larger share only adds keys, and no key moves back. Each rollout shuffles the keys, so that the same callers are not always first.
/// </summary>
internal static class RolloutBuckets
{
    public static double PlaceOf(string rolloutId, string requestKey) => (HashOf(rolloutId, requestKey) >> 11) * (1.0 / (1UL << 53));

    public static ulong HashOf(string rolloutId, string requestKey)
    {
        var length = Encoding.UTF8.GetMaxByteCount(rolloutId.Length + requestKey.Length + 1);
        Span<byte> text = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var written = Encoding.UTF8.GetBytes(rolloutId, text);
        text[written++] = (byte)'\n';
        written += Encoding.UTF8.GetBytes(requestKey, text[written..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..written], digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
