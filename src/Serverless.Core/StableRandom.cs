using System.Numerics;

namespace Serverless.Core;

/// <summary>
/// A seeded random number generator with a guaranteed sequence: the same on every machine and every version of .NET, unlike <see
/// cref="Random"/> with a seed. A split or a p-value can therefore be recomputed years later. Implements xoshiro256** (Blackman and Vigna,
/// 2018), seeded by SplitMix64. Not for secrets, and not thread-safe.
/// </summary>
public sealed class StableRandom
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    public StableRandom(long seed)
    {
        var state = unchecked((ulong)seed);
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    /// <summary>Returns 64 random bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Returns a number in [0, 1). All multiples of 2^-53 are equally likely.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Returns an integer in [0, below), without bias (Lemire, 2019).</summary>
    public int NextInt(int below)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(below);
        var bound = (uint)below;
        var product = (NextBits() >> 32) * bound;
        if ((uint)product < bound)
        {
            var rejected = unchecked((uint)-(int)bound) % bound;
            while ((uint)product < rejected)
            {
                product = (NextBits() >> 32) * bound;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>Shuffles the items. Every order is equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
