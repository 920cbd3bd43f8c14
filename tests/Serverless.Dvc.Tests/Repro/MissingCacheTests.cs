using Serverless.Data.Operations;
using Serverless.Data.Repositories;
using Serverless.Data.Values;
using Serverless.Dvc.Repro;

namespace Serverless.Dvc.Tests.Repro;

/// <summary>What DVC tells of data whose cache is gone.</summary>
public sealed class MissingCacheTests
{
    private const string Stage = "stages: {s: {cmd: mkdir -p d && echo 1 > d/a && echo 2 > d/b, outs: [d]}}";

    [Fact]
    public async Task Diff_names_what_the_cache_does_not_hold_and_calls_nothing_added_or_deleted()
    {
        using var folder = new ReproFolder(Stage);
        Assert.Null((await folder.ReproAsync(new ReproOptions())).Error);
        folder.Commit("one");
        Directory.Delete(folder.At(".dvc/cache"), recursive: true);
        using var repository = Repository.Open(folder.Root);

        var same = new DiffOperation(repository).Run(cancellationToken: TestContext.Current.CancellationToken);
        File.WriteAllText(folder.At("d/b"), "3");
        var changed = new DiffOperation(repository).Run(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(("", "", "", "", "d/"), Names(same));
        Assert.Equal(("", "", "d/", "", "d/"), Names(changed));
    }

    private static (string, string, string, string, string) Names(DataMap diff) =>
        (Of(diff, "added"), Of(diff, "deleted"), Of(diff, "modified"), Of(diff, "renamed"), Of(diff, "not in cache"));

    private static string Of(DataMap diff, string key) =>
        string.Join(' ', ((DataList)diff[key]!).Items.Select(i => ((DataScalar)((DataMap)i)["path"]!).AsText));
}
