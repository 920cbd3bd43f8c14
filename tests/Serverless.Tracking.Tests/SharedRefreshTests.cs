using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Tests;

public sealed class SharedRefreshTests
{
    private readonly List<TaskCompletionSource> begun = [];
    private readonly SemaphoreSlim started = new(0);

    [Fact]
    public async Task All_who_come_while_one_is_under_way_share_the_next()
    {
        var refresh = new SharedRefresh(RefreshAsync);
        var first = refresh.Async();
        await started.WaitAsync(TestContext.Current.CancellationToken);
        var others = Enumerable.Range(0, 8).Select(_ => refresh.Async()).ToList();

        begun[0].SetResult();
        await first;
        await started.WaitAsync(TestContext.Current.CancellationToken);

        // The first one began before they came: it may not have seen what they ask for.
        Assert.All(others, o => Assert.False(o.IsCompleted));
        begun[1].SetResult();
        await Task.WhenAll(others);
        Assert.Equal(2, begun.Count);
    }

    [Fact]
    public async Task Who_comes_when_nothing_is_under_way_has_one_of_its_own()
    {
        var refresh = new SharedRefresh(RefreshAsync);
        for (var i = 0; i < 3; i++)
        {
            var one = refresh.Async();
            await started.WaitAsync(TestContext.Current.CancellationToken);
            begun[i].SetResult();
            await one;
        }

        Assert.Equal(3, begun.Count);
    }

    [Fact]
    public async Task One_that_fails_fails_for_its_own_callers_only()
    {
        var refresh = new SharedRefresh(RefreshAsync);
        var first = refresh.Async();
        await started.WaitAsync(TestContext.Current.CancellationToken);
        var second = refresh.Async();

        begun[0].SetException(new IOException("away"));
        await Assert.ThrowsAsync<IOException>(() => first);
        await started.WaitAsync(TestContext.Current.CancellationToken);
        begun[1].SetResult();
        await second;
    }

    private Task RefreshAsync()
    {
        var done = new TaskCompletionSource();
        begun.Add(done);
        started.Release();
        return done.Task;
    }
}
