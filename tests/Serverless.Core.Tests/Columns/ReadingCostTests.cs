using System.Text;

namespace Serverless.Core.Tests.Columns;

/// <summary>Runs alone: what it counts is allocated by the whole process.</summary>
[CollectionDefinition(nameof(ReadingCostTests), DisableParallelization = true)]
[Collection(nameof(ReadingCostTests))]
public sealed class ReadingCostTests
{
    [Fact]
    public async Task Reading_allocates_little_more_than_it_keeps()
    {
        var text = new StringBuilder("id,x,c\n");
        for (var i = 0; i < 100_000; i++)
        {
            text.Append(i).Append(',').Append(i / 7.0).Append(',').Append("class ").Append(i % 5).Append('\n');
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        await Csv.ReadAsync(bytes);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var frame = await Csv.ReadAsync(bytes);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // 32 bytes a row are kept, and doubling the buffers takes about three times that. A string for each text alone would take 4 MB
        // more, an object for each field 7 MB.
        Assert.Equal(100_000, frame.RowCount);
        Assert.InRange(allocated, 0, 13_000_000);
    }
}
