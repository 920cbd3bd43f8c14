using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Tests.Engine;

public sealed class CacheTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    private const string Pipeline = """
        stages:
          a: {cmd: 'cat in.txt > a.txt', deps: [in.txt], outs: [a.txt]}
          b: {cmd: 'wc -c < a.txt > b.txt', deps: [a.txt], outs: [b.txt]}
          c: {cmd: 'echo ${x} > c.txt; cat b.txt >> c.txt', deps: [b.txt], params: [x], outs: [c.txt]}
          d: {uses: test/noop, with: {key: '{key}'}}
        """;

    private static string Hits(Outcome outcome) =>
        string.Join(' ', outcome.Tasks.Where(t => t.Value.Result.IsCacheHit).Select(t => t.Key).Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_second_run_is_all_cache_hits_and_a_change_reruns_only_what_depends_on_it()
    {
        Folder.Write("p/in.txt", "one");
        Folder.Write("p/params.yaml", "x: 1\ny: 1\n");
        var first = await RunAsync(Pipeline);
        var second = await RunAsync(Pipeline);
        Folder.Write("p/params.yaml", "x: 2\ny: 2\n");
        var third = await RunAsync(Pipeline);
        // As long as before: `b` comes out the same, so `c` does not see a change.
        Folder.Write("p/in.txt", "two");
        var fourth = await RunAsync(Pipeline);

        Assert.Equal(RunStatus.Finished, first.Run.Status);
        Assert.Equal("", Hits(first));
        Assert.Equal("a b c d", Hits(second));
        Assert.Equal("a b d", Hits(third));
        Assert.Equal("c d", Hits(fourth));
        Assert.Equal(1, Trace.Count(Key));
        Assert.Equal(first.Tasks["c"].Result.Artifacts["c.txt"], second.Tasks["c"].Result.Artifacts["c.txt"]);
    }

    [Fact]
    public async Task Always_changed_never_hits_and_a_missing_object_is_made_anew()
    {
        const string yaml = """
            stages:
              always: {cmd: 'echo > x', outs: [x], always_changed: true}
              kept: {cmd: 'echo kept > y', outs: [y]}
            """;
        var first = await RunAsync(yaml);
        var second = await RunAsync(yaml);
        Assert.Equal("kept", Hits(second));

        await Store.Content.DeleteAsync(first.Tasks["kept"].Result.Artifacts["y"].Digest);
        var third = await RunAsync(yaml);

        Assert.Equal("", Hits(third));
        Assert.True(await Store.Content.ExistsAsync(third.Tasks["kept"].Result.Artifacts["y"].Digest));
    }

    [Fact]
    public async Task Command_environment_and_wdir_count_in_the_key()
    {
        await RunAsync("stages:\n  a: {cmd: 'echo $X > o', outs: [o], env: {X: '1'}}");
        var same = await RunAsync("stages:\n  a: {cmd: 'echo $X > o', outs: [o], env: {X: '1'}}");
        var other = await RunAsync("stages:\n  a: {cmd: 'echo $X > o', outs: [o], env: {X: '2'}}");
        var command = await RunAsync("stages:\n  a: {cmd: 'echo  $X > o', outs: [o], env: {X: '2'}}");

        Assert.True(same.Tasks["a"].Result.IsCacheHit);
        Assert.False(other.Tasks["a"].Result.IsCacheHit);
        Assert.False(command.Tasks["a"].Result.IsCacheHit);
    }
}
