using System.Collections.Concurrent;
using Serverless.Core;
using Serverless.Serving.Invocations;
using Serverless.Tracking.Models;
using Serverless.Training.Models;

namespace Serverless.Serving.Tests;

public sealed class ServedModelCacheTests
{
    private readonly ConcurrentQueue<int> loads = new();
    private readonly ConcurrentDictionary<int, FakeModel> models = new();
    private readonly SteppedTime time = new();

    [Fact]
    public async Task Requests_that_come_at_once_share_one_load()
    {
        var gate = new TaskCompletionSource();
        await using var cache = Cache(100, _ => gate.Task);

        var waiting = Enumerable.Range(0, 20).Select(_ => cache.AcquireAsync(Key(1), default).AsTask()).ToList();
        gate.SetResult();
        var leases = await Task.WhenAll(waiting);

        Assert.Single(loads);
        Assert.Single(leases.Select(l => l.Model).Distinct());
    }

    [Fact]
    public async Task A_full_cache_lets_the_model_go_that_was_used_longest_ago_and_none_that_is_in_use()
    {
        await using var cache = Cache(30);
        var held = await cache.AcquireAsync(Key(1), default);
        await UseAsync(cache, 2);
        time.Step(TimeSpan.FromSeconds(1));
        await UseAsync(cache, 3);

        await UseAsync(cache, 4);

        Assert.Equal((false, true, false, false), (models[1].IsDisposed, models[2].IsDisposed, models[3].IsDisposed, models[4].IsDisposed));
        await UseAsync(cache, 3);
        Assert.Equal(4, loads.Count);
        await UseAsync(cache, 2);
        Assert.Equal(5, loads.Count);
        held.Dispose();
        held.Dispose();
        Assert.False(models[1].IsDisposed);
    }

    [Fact]
    public async Task A_model_that_is_let_go_is_disposed_after_its_last_user()
    {
        var cache = Cache(30);
        var (first, second) = (await cache.AcquireAsync(Key(1), default), await cache.AcquireAsync(Key(1), default));

        await cache.DisposeAsync();
        first.Dispose();
        Assert.False(models[1].IsDisposed);
        second.Dispose();

        Assert.True(models[1].IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => cache.AcquireAsync(Key(1), default).AsTask());
    }

    [Fact]
    public async Task A_load_that_failed_is_not_tried_again_at_once_unless_the_store_was_away()
    {
        var failure = new ServerlessException(ErrorCodes.InvalidState, "broken", status: 500);
        await using var cache = Cache(30, _ => failure is null ? Task.CompletedTask : Task.FromException(failure));

        await Assert.ThrowsAsync<ServerlessException>(() => cache.AcquireAsync(Key(1), default).AsTask());
        await Assert.ThrowsAsync<ServerlessException>(() => cache.AcquireAsync(Key(1), default).AsTask());
        Assert.Single(loads);
        time.Step(TimeSpan.FromSeconds(11));
        failure = ServerlessException.Unavailable("away");
        await Assert.ThrowsAsync<ServerlessException>(() => cache.AcquireAsync(Key(1), default).AsTask());
        failure = null!;
        using var lease = await cache.AcquireAsync(Key(1), default);

        Assert.Equal(3, loads.Count);
    }

    [Fact]
    public async Task Who_stops_waiting_does_not_stop_the_load()
    {
        var gate = new TaskCompletionSource();
        await using var cache = Cache(100, _ => gate.Task);
        using var impatient = new CancellationTokenSource();

        var left = cache.AcquireAsync(Key(1), impatient.Token).AsTask();
        var stays = cache.AcquireAsync(Key(1), default).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        gate.SetResult();

        using var lease = await stays;
        Assert.Single(loads);
    }

    private ServedModelCache Cache(long limit, Func<int, Task>? before = null) =>
        new(
            async (key, _) =>
            {
                var version = key.Version.Version;
                loads.Enqueue(version);
                await (before?.Invoke(version) ?? Task.CompletedTask);
                return new LoadedModel(models[version] = new FakeModel(), 10);
            },
            limit,
            time
        );

    private static ServedModelKey Key(int version) =>
        new(
            "m",
            new ModelVersion
            {
                Name = "m",
                Version = version,
                Source = "",
            }
        );

    private static async Task UseAsync(ServedModelCache cache, int version) => (await cache.AcquireAsync(Key(version), default)).Dispose();

    private sealed class FakeModel : IServedModel
    {
        public bool IsDisposed { get; private set; }

        public string Flavor => "fake";

        public IReadOnlyList<SignatureColumn> Inputs => [];

        public BinaryClasses? Classes => null;

        public ModelOutput Predict(ServingInput input) => new([], []);

        public void Dispose() => IsDisposed = IsDisposed ? throw new InvalidOperationException("disposed twice") : true;
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long ticks;

        public override long GetTimestamp() => Interlocked.Increment(ref ticks);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Step(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
    }
}
