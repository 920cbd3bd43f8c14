using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Storage.Tests;

public sealed class IdRangesTests
{
    [Theory]
    [InlineData(1_000, "r|028f1a2b3c4d5e6f708192a3b4c5d6e7")]
    [InlineData(1_000, "r|ffff1a2b3c4d5e6f708192a3b4c5d6e7")]
    [InlineData(1_000, "r|00001a2b3c4d5e6f708192a3b4c5d6e7")]
    [InlineData(1_000, "r|my own id")]
    [InlineData(1_000, "r|7")]
    public void The_pieces_follow_one_another_and_leave_nothing_out(int rows, string last)
    {
        var pieces = IdRanges.After("r|", last, rows);
        Assert.True(string.CompareOrdinal(pieces[0].From, last) > 0 && string.CompareOrdinal(pieces[0].From, last + "0") < 0);
        Assert.Null(pieces[^1].Before);
        foreach (var (one, next) in pieces.Zip(pieces.Skip(1)))
        {
            Assert.Equal(one.Before, next.From);
            Assert.True(string.CompareOrdinal(one.From, one.Before) < 0);
        }
    }

    [Fact]
    public void A_hundred_thousand_ids_are_read_in_pieces_of_about_a_page()
    {
        var random = new StableRandom(1);
        var ids = Enumerable.Range(0, 100_000).Select(_ => $"r|{random.NextBits():x16}").Order(StringComparer.Ordinal).ToArray();
        var pieces = IdRanges.After("r|", ids[999], 1_000);
        var sizes = pieces
            .Select(p =>
                ids.Count(id => string.CompareOrdinal(id, p.From) >= 0 && (p.Before is null || string.CompareOrdinal(id, p.Before) < 0))
            )
            .ToArray();
        Assert.Equal(99_000, sizes.Sum());
        Assert.True(sizes.Count(s => s > 1_000) < 3, $"pieces of {string.Join(' ', sizes.Where(s => s > 1_000))}");
        Assert.InRange(pieces.Count, 100, 125);
    }
}
