using System.Diagnostics;
using Serverless.Tracking.Search;

namespace Serverless.Tracking.Tests.Search;

public sealed class SpeedTests
{
    private const int Count = 100_000;

    [Fact]
    public void A_metric_filter_over_many_runs_allocates_nothing()
    {
        var filter = SearchFilter.Parse("metrics.loss < 0.5 and params.model LIKE 'resn%'", SearchTarget.Runs);
        var order = SearchOrder.Parse(["metrics.loss desc"], SearchTarget.Runs).Comparer(Rows.Instance);
        var found = 0;
        var best = TimeSpan.MaxValue;
        var allocated = long.MaxValue;
        for (var round = 0; round < 20; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            var top = -1;
            found = 0;
            for (var i = 0; i < Count; i++)
            {
                if (filter.Matches(i, Rows.Instance))
                {
                    found++;
                    top = top < 0 || order.Compare(i, top) < 0 ? i : top;
                }
            }

            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(Count / 2, found);
        Assert.Equal(0, allocated);
        TestContext.Current.TestOutputHelper?.WriteLine($"{best.TotalMilliseconds:0.0} ms");
    }

    private sealed class Rows : ISearchAccessor<int>
    {
        public static Rows Instance { get; } = new();

        public double? Number(int item, SearchKey key) => key.Field == SearchField.Metric ? item % 1000 / 1000.0 : item;

        public string? Text(int item, SearchKey key) => "resnet50";

        public IEnumerable<(string Name, string Digest, string? Context)> Datasets(int item) => [];
    }
}
