using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>
/// Counts texts. Columns mostly hold few different texts, each one object many times over, as the reader pools them: a small table of the
/// objects seen last spares most of the hashing.
/// </summary>
internal static class TextCounter
{
    private const int Slots = 1024;

    public static void Count(ReadOnlySpan<string?> texts, Dictionary<string, long> counts)
    {
        var seen = new string?[Slots];
        var seenCounts = new long[Slots];
        foreach (var text in texts)
        {
            if (text is null)
            {
                continue;
            }

            var slot = RuntimeHelpers.GetHashCode(text) & (Slots - 1);
            if (!ReferenceEquals(seen[slot], text))
            {
                if (seen[slot] is { } old)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, old, out _) += seenCounts[slot];
                }

                (seen[slot], seenCounts[slot]) = (text, 0);
            }

            seenCounts[slot]++;
        }

        for (var slot = 0; slot < Slots; slot++)
        {
            if (seen[slot] is { } text)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, text, out _) += seenCounts[slot];
            }
        }
    }
}
