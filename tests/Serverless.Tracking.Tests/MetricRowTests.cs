using System.Text.Json;
using Serverless.Storage;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Tests;

public sealed class MetricRowTests
{
    private static readonly MetricEntry[] Points =
    [
        new("loss", 0.5, 1_760_000_000_000, 0),
        new("acc", double.NaN, 1_760_000_000_000, 0),
        new("loss", double.NegativeInfinity, 1_760_000_000_001, 1),
        new("loss", -0.0, 0, -7),
        new("loss", double.Epsilon, long.MaxValue, long.MinValue),
        new("acc", 1e308, long.MinValue, long.MaxValue),
        new("é/ü", 1.0 / 3, 5, 5),
    ];

    [Fact]
    public void What_is_added_in_parts_comes_back_whole_through_the_store()
    {
        var row = Points.Aggregate(MetricRow.Empty, (r, p) => Stored(r.Add([p])));

        Assert.Equal(Points, row.Of(null));
        Assert.Equal(Points.Where(p => p.Key == "loss"), row.Of("loss"));
        Assert.Equal((Points.Length, true), (row.Count, double.IsNegative(row.Of("loss").ElementAt(2).Value)));
        Assert.Equal(row.Points, MetricRow.Empty.Add(Points).Points);
    }

    [Fact]
    public void A_point_of_a_curve_takes_eleven_bytes()
    {
        var row = MetricRow.Empty.Add([
            .. Enumerable.Range(0, 1000).Select(i => new MetricEntry("loss", 1.0 / i, 1_760_000_000_000 + i, i)),
        ]);

        Assert.InRange(row.Points.Length, 11_000, 11_010);
        Assert.DoesNotContain("values", JsonSerializer.Serialize(row, StorageJson.Options), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Stores outlive versions of this program.</summary>
    [Fact]
    public void A_row_of_columns_is_read_and_goes_on()
    {
        var old = JsonSerializer
            .Deserialize<MetricRow>(
                """{"names":["loss","acc"],"nameOf":[0,1,0],"values":[0.5,"NaN",0.25],"timestamps":[10,10,20],"steps":[0,0,1]}""",
                StorageJson.Options
            )!
            .Packed();

        MetricEntry[] expected = [new("loss", 0.5, 10, 0), new("acc", double.NaN, 10, 0), new("loss", 0.25, 20, 1)];
        Assert.Equal(expected, old.Of(null));
        Assert.Equal([.. expected, new("loss", 0.1, 30, 2)], Stored(old.Add([new("loss", 0.1, 30, 2)])).Of(null));
        Assert.Equal(3, old.Count);
    }

    private static MetricRow Stored(MetricRow row) =>
        JsonSerializer.Deserialize<MetricRow>(JsonSerializer.Serialize(row, StorageJson.Options), StorageJson.Options)!;
}
