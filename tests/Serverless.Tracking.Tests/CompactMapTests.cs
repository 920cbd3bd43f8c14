using System.Text.Json;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Tests;

public sealed class CompactMapTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public void It_is_the_map_it_was_made_of(int count)
    {
        var map = Enumerable.Range(0, count).ToDictionary(i => $"k{(i * 7) % 100}", i => $"v{i}");
        var run = new RunPool().Compact(Of(map));
        Assert.Equal(map, run.Params);
        Assert.Equal(map.Keys, run.Params.Keys);
        Assert.All(map, pair => Assert.Equal(pair.Value, run.Params[pair.Key]));
        Assert.False(run.Params.ContainsKey("nope") || run.Params.TryGetValue("k", out _));
        Assert.Throws<KeyNotFoundException>(() => run.Params["nope"]);
        Assert.Equal(map, JsonSerializer.Deserialize<Run>(JsonSerializer.Serialize(run, StorageJson.Options), StorageJson.Options)!.Params);
    }

    [Fact]
    public void Runs_with_the_same_keys_share_them_and_others_do_not()
    {
        var pool = new RunPool();
        Run Compact(params string[] keys) => pool.Compact(Of(keys.ToDictionary(k => k, _ => Ids.NewId())));
        Assert.Same(Compact("a", "b").Params.Keys, Compact("a", "b").Params.Keys);
        Assert.NotSame(Compact("ab", "c").Params.Keys, Compact("a", "bc").Params.Keys);
    }

    private static Run Of(Dictionary<string, string> map) =>
        new()
        {
            Id = Ids.NewId(),
            ExperimentId = "1",
            Name = "n",
            Params = map,
        };
}
