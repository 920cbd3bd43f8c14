using System.Globalization;
using Serverless.Core;
using Serverless.Storage;
using Serverless.Storage.Tables;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// Stores rollouts beside the models in the registry's partition, and the counts of hosts in a partition per rollout:
/// <code>
/// models  {workspace}                   r|rollout|{model}                            the open rollout
///                                       r|rollouts|{model}|{newest first}|{rollout}  ended rollouts
/// index   {workspace}|rollout|{rollout} h|{host}                                     the counts of one host
/// </code>
/// </summary>
public sealed class RolloutStore(ModelRegistry registry, Store store)
{
    private const string HostMark = "h";

    internal ModelRecords Records => registry.Records;

    public async Task<Rollout?> FindOpenAsync(string modelId, CancellationToken cancellationToken = default) =>
        (await Records.GetAsync(OpenKey(modelId), cancellationToken))?.Read<Rollout>();

    /// <summary>The open rollouts of the workspace.</summary>
    public Task<IReadOnlyList<Rollout>> ListOpenAsync(CancellationToken cancellationToken = default) =>
        ReadAsync(ModelRecords.Key("rollout", ""), cancellationToken);

    /// <summary>A model's rollouts: the open one, then the others, newest first.</summary>
    public async Task<IReadOnlyList<Rollout>> ListAsync(string model, CancellationToken cancellationToken = default)
    {
        var state = await GetModelAsync(model, cancellationToken);
        // The order matters: a rollout that ends between the two reads is in the second. In the other order it would be in neither.
        var open = await FindOpenAsync(state.Model.Id, cancellationToken);
        var ended = await ReadAsync(ModelRecords.Key("rollouts", state.Model.Id, ""), cancellationToken);
        return open is null || ended.Any(r => r.Id == open.Id) ? ended : [open, .. ended];
    }

    /// <summary>The open rollout of a model, else the one that ended last.</summary>
    public async Task<Rollout> GetLatestAsync(string model, CancellationToken cancellationToken = default) =>
        (await ListAsync(model, cancellationToken)).FirstOrDefault()
        ?? throw ServerlessException.NotFound(
            $"'{model}' has no rollouts.",
            "Start one with `mlops rollout start`, or with a `rollout` in a policy or a `promote` stage."
        );

    public async Task<ModelState> GetModelAsync(string model, CancellationToken cancellationToken = default) =>
        await Records.FindAsync(model, cancellationToken)
        ?? throw ServerlessException.NotFound($"Model '{model}' does not exist.", "List the models with `mlops models`.");

    /// <summary>The current name of a rollout's model, which may have been renamed. Null if it was deleted.</summary>
    internal async Task<string?> FindNameAsync(Rollout rollout, CancellationToken cancellationToken) =>
        (await Records.FindAsync(rollout.Model, cancellationToken))?.Model.Id == rollout.ModelId
            ? rollout.Model
            : await Records.NameOfAsync(rollout.ModelId, cancellationToken);

    /// <summary>Ends a rollout whose model was deleted.</summary>
    internal async Task<Rollout> CloseAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        await Records.CommitAsync([.. Changes(rollout, wasOpen: true)], cancellationToken);
        return rollout;
    }

    public async Task<RolloutCounts> CountsAsync(string rolloutId, CancellationToken cancellationToken = default)
    {
        var hosts = new List<HostCounts>();
        await foreach (var row in store.Index.QueryAsync(Partition(rolloutId), Keys.Join(HostMark, ""), cancellationToken))
        {
            hosts.Add(row.Read<HostCounts>());
        }

        return new RolloutCounts(hosts);
    }

    /// <summary>Writes a host's row, with all its counts. Idempotent.</summary>
    internal Task WriteAsync(string rolloutId, HostCounts counts, CancellationToken cancellationToken) =>
        store.Index.CommitAsync(RowChange.Put(Row.Of(Partition(rolloutId), Keys.Join(HostMark, counts.Host), counts)), cancellationToken);

    /// <summary>The row changes that store the rollout.</summary>
    /// <param name="next">The new state.</param>
    /// <param name="wasOpen">True if there is an open rollout that <paramref name="next"/> replaces.</param>
    internal IEnumerable<RowChange> Changes(Rollout next, bool wasOpen)
    {
        var open = Records.RowOf(OpenKey(next.ModelId), next);
        if (next.IsOpen)
        {
            yield return RowChange.Put(open);
            yield break;
        }

        if (wasOpen)
        {
            yield return RowChange.Delete(open);
        }

        yield return RowChange.Put(
            Records.RowOf(ModelRecords.Key("rollouts", next.ModelId, Keys.NewestFirst(next.StartedAt), next.Id), next)
        );
    }

    internal static string Percent(double share) => (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + " %";

    private static string OpenKey(string modelId) => ModelRecords.Key("rollout", modelId);

    private string Partition(string rolloutId) => Keys.Join(store.Workspace, "rollout", rolloutId);

    private async Task<IReadOnlyList<Rollout>> ReadAsync(string prefix, CancellationToken cancellationToken)
    {
        var rollouts = new List<Rollout>();
        await foreach (var row in Records.ListAsync(prefix, cancellationToken))
        {
            rollouts.Add(row.Read<Rollout>());
        }

        return rollouts;
    }
}
