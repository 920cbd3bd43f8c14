using Serverless.Storage;
using Serverless.Storage.Tables;

namespace Serverless.Automation.Hooks;

/// <summary>
/// Stores the webhook mappings of a workspace and the deliveries. One small partition of the index: `m` the mappings, `d|{id}` a
/// delivery, and `o|{id}` an open delivery, so that a host reads only the open ones.
/// </summary>
public sealed class HookStore(Store store, TimeProvider time)
{
    private const string Mappings = "m";
    private const string Open = "o|";
    private readonly string partition = Keys.Join(store.Workspace, "hooks");

    public async Task<IReadOnlyList<HookMapping>> ListMappingsAsync(CancellationToken cancellationToken = default) =>
        (await store.Index.GetAsync(partition, Mappings, cancellationToken))?.Read<List<HookMapping>>() ?? [];

    public Task ApplyAsync(IReadOnlyList<HookMapping> mappings, CancellationToken cancellationToken = default) =>
        store.Index.CommitAsync(RowChange.Put(Row.Of(partition, Mappings, mappings)), cancellationToken);

    /// <returns>False if the delivery was received before.</returns>
    public async Task<bool> ReceiveAsync(string id, GithubPush push, CancellationToken cancellationToken = default)
    {
        var delivery = new HookDelivery
        {
            Id = id,
            Push = push,
            ReceivedAt = time.GetUtcNow(),
        };
        var key = Keys.Bounded(id);
        var result = await store.Index.CommitAsync(
            [
                RowChange.Insert(Row.Of(partition, Keys.Join("d", key), delivery)),
                RowChange.Put(Row.Of(partition, Keys.Join("o", key), new OpenDelivery(id))),
            ],
            cancellationToken
        );
        return result.IsCommitted;
    }

    public async Task<HookDelivery?> FindAsync(string id, CancellationToken cancellationToken = default) =>
        (await store.Index.GetAsync(partition, Keys.Join("d", Keys.Bounded(id)), cancellationToken))?.Read<HookDelivery>();

    internal async Task<IReadOnlyList<(HookDelivery Delivery, string ETag)>> ListOpenAsync(CancellationToken cancellationToken)
    {
        var open = new List<(HookDelivery, string)>();
        await foreach (var row in store.Index.QueryAsync(partition, Open, cancellationToken))
        {
            if (await store.Index.GetAsync(partition, "d|" + row.RowKey[Open.Length..], cancellationToken) is { } found)
            {
                open.Add((found.Read<HookDelivery>(), found.ETag));
            }
        }

        return open;
    }

    /// <returns>The new ETag. Null if another host was faster.</returns>
    internal async Task<string?> SaveAsync(HookDelivery delivery, string etag, CancellationToken cancellationToken)
    {
        var row = Row.Of(partition, Keys.Join("d", Keys.Bounded(delivery.Id)), delivery);
        List<RowChange> changes = [RowChange.Replace(row, etag)];
        if (delivery.State == DeliveryState.Done)
        {
            changes.Add(RowChange.Delete(new Row(partition, Open + Keys.Bounded(delivery.Id))));
        }

        return (await store.Index.CommitAsync(changes, cancellationToken)).IsCommitted ? row.ETag : null;
    }

    private sealed record OpenDelivery(string Id);
}
