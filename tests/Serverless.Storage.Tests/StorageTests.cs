using Serverless.Core;
using Serverless.Storage.Tables;
using Serverless.Testing;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Serverless.Storage.Tests;

public sealed class TableTests(AzuriteFixture azurite)
{
    private sealed record Thing(string Name, long Number);

    [Fact]
    public async Task A_row_comes_back_as_it_was_written_whatever_its_keys_and_size()
    {
        var store = await azurite.OpenStoreAsync();
        var partition = Keys.Join(store.Workspace, "a/b\\c#d?e|f~g%h'i", "ü");
        var row = Keys.Join("x/y", "train[2]/fit");
        var thing = new Thing(new string('é', 90_000), long.MaxValue);

        Assert.True((await store.Runs.CommitAsync(RowChange.Insert(Row.Of(partition, row, thing)))).IsCommitted);

        Assert.Equal(thing, (await store.Runs.GetAsync(partition, row))!.Read<Thing>());
        Assert.Equal(["x/y", "train[2]/fit"], Keys.Split(row));
        Assert.Null(await store.Runs.GetAsync(partition, "other"));
    }

    [Fact]
    public async Task A_record_that_no_row_can_hold_is_refused_with_the_reason()
    {
        var e = Assert.Throws<ServerlessException>(() => Row.Of("p", "r", new Thing(new string('x', 1_000_000), 1)));
        Assert.Equal(ErrorCodes.InvalidParameterValue, e.Code);
        Assert.NotNull(e.Fix);
    }

    [Fact]
    public async Task A_guarded_change_loses_against_a_newer_version_and_changes_nothing()
    {
        var store = await azurite.OpenStoreAsync();
        var first = Row.Of(store.Workspace, "a", new Thing("first", 1));
        await store.Runs.CommitAsync(RowChange.Insert(first));
        var stale = first.ETag;
        await store.Runs.CommitAsync(RowChange.Replace(Row.Of(store.Workspace, "a", new Thing("second", 2)), stale));

        var again = await store.Runs.CommitAsync(RowChange.Insert(Row.Of(store.Workspace, "a", new Thing("again", 0))));
        var both = await store.Runs.CommitAsync([
            RowChange.Insert(Row.Of(store.Workspace, "b", new Thing("b", 1))),
            RowChange.Replace(Row.Of(store.Workspace, "a", new Thing("third", 3)), stale),
        ]);

        Assert.False(again.IsCommitted);
        Assert.False(both.IsCommitted);
        Assert.Equal(1, both.ConflictIndex);
        Assert.Null(await store.Runs.GetAsync(store.Workspace, "b"));
        Assert.Equal("second", (await store.Runs.GetAsync(store.Workspace, "a"))!.Read<Thing>().Name);
    }

    [Fact]
    public async Task A_query_reads_a_prefix_in_key_order()
    {
        var store = await azurite.OpenStoreAsync();
        foreach (var key in (string[])["t|b", "t|a", "u|a", "s|z"])
        {
            await store.Runs.CommitAsync(RowChange.Put(Row.Of(store.Workspace, key, new Thing(key, 0))));
        }

        var keys = new List<string>();
        await foreach (var row in store.Runs.QueryAsync(store.Workspace, "t|"))
        {
            keys.Add(row.RowKey);
        }

        Assert.Equal(["t|a", "t|b"], keys);
    }
}

public sealed class LeaseTests(AzuriteFixture azurite)
{
    private sealed record Entry(int Number);

    [Fact]
    public async Task Only_one_of_many_gets_the_lease()
    {
        var store = await azurite.OpenStoreAsync();

        var tries = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Lease.TryAcquireAsync(store.Runs, store.Workspace, "l", TimeProvider.System))
        );

        Assert.Single(tries, t => t.Lease is not null);
        Assert.All(tries.Where(t => t.Lease is null), t => Assert.NotNull(t.Holder));
    }

    [Fact]
    public async Task The_lease_of_a_process_that_has_died_is_free_at_once()
    {
        var store = await azurite.OpenStoreAsync();
        var dead = $"{Environment.MachineName}/999999999/1/x";
        await store.Runs.CommitAsync(RowChange.Put(Row.Of(store.Workspace, "l", new LeaseRecord(dead, DateTimeOffset.MaxValue))));

        var (lease, _) = await Lease.TryAcquireAsync(store.Runs, store.Workspace, "l", TimeProvider.System);

        Assert.NotNull(lease);
    }

    [Fact]
    public async Task A_writer_that_was_overtaken_writes_nothing_more()
    {
        var store = await azurite.OpenStoreAsync();
        var (lease, _) = await Lease.TryAcquireAsync(store.Runs, store.Workspace, "l", TimeProvider.System);
        await using var writer = new PartitionWriter(store.Runs, lease!, TimeProvider.System);
        await writer.WriteAsync(Row.Of(store.Workspace, "a", new Entry(1)));

        await store.Runs.CommitAsync(RowChange.Put(Row.Of(store.Workspace, "l", new LeaseRecord("other/1/1", DateTimeOffset.MaxValue))));
        var e = await Assert.ThrowsAsync<ServerlessException>(() => writer.WriteAsync(Row.Of(store.Workspace, "b", new Entry(2))));

        Assert.Equal(ErrorCodes.ResourceConflict, e.Code);
        Assert.True(writer.Lost.IsCancellationRequested);
        Assert.NotNull(await store.Runs.GetAsync(store.Workspace, "a"));
        Assert.Null(await store.Runs.GetAsync(store.Workspace, "b"));
    }

    [Fact]
    public async Task Many_writes_at_once_all_arrive_and_the_last_state_of_a_row_wins()
    {
        var store = await azurite.OpenStoreAsync();
        var (lease, _) = await Lease.TryAcquireAsync(store.Runs, store.Workspace, "l", TimeProvider.System);
        await using (var writer = new PartitionWriter(store.Runs, lease!, TimeProvider.System))
        {
            for (var i = 0; i < 250; i++)
            {
                writer.Post(Row.Of(store.Workspace, $"r{i:D3}", new Entry(-1)));
            }

            await Task.WhenAll(
                Enumerable
                    .Range(0, 250)
                    .Select(i =>
                        writer.WriteAsync(
                            Row.Of(store.Workspace, $"r{i:D3}", new Entry(i)),
                            Row.Of(store.Workspace, $"c{i:D3}", new Entry(i))
                        )
                    )
            );
            writer.Post(Row.Of(store.Workspace, "last", new Entry(7)));
        }

        var numbers = new List<int>();
        await foreach (var row in store.Runs.QueryAsync(store.Workspace, "r"))
        {
            numbers.Add(row.Read<Entry>().Number);
        }

        Assert.Equal(Enumerable.Range(0, 250), numbers);
        Assert.NotNull(await store.Runs.GetAsync(store.Workspace, "last"));
        var (again, _) = await Lease.TryAcquireAsync(store.Runs, store.Workspace, "l", TimeProvider.System);
        Assert.NotNull(again);
    }
}
