using System.Collections.Concurrent;
using System.Globalization;
using Serverless.Serving.Invocations;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// Splits a model's requests between champion and challenger according to the model's row: the same rule on every host, without a store
/// request. A host whose breaker has tripped sends nothing more to the challenger, even before the store knows.
/// </summary>
public sealed class RolloutRouter : IVersionChooser
{
    private const string Canary = "canary/";
    private const string Champion = "champion/";
    private readonly ProductionChooser production = new();
    private readonly ConcurrentDictionary<string, bool> tripped = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TrafficSplit> splits = new(StringComparer.Ordinal);

    public ValueTask<VersionChoice> ChooseAsync(ModelState model, string requestKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (
            model.Model.Split is not { } split
            || model.Latest(Stage.Production)?.Version != split.Champion
            || model.Find(split.Challenger) is null
            || tripped.ContainsKey(split.Id)
        )
        {
            // Another version was promoted to Production: it takes the traffic, and the rollout is over.
            return production.ChooseAsync(model, requestKey, cancellationToken);
        }

        splits[model.Model.Id] = split;
        var step = split.Step.ToString(CultureInfo.InvariantCulture);
        return ValueTask.FromResult(
            RolloutBuckets.PlaceOf(split.Id, requestKey) < split.Share
                ? new VersionChoice(split.Challenger, Canary + step)
                : new VersionChoice(split.Champion, Champion + step)
        );
    }

    /// <summary>Stops sending traffic to the rollout's challenger on this host.</summary>
    internal void Trip(string rolloutId) => tripped[rolloutId] = true;

    /// <summary>The split and step that routed a request. Null if no split did.</summary>
    internal (TrafficSplit Split, int Step, bool IsChallenger)? SplitOf(string modelId, int version, VersionChoice choice) =>
        choice.IsRouted
        && Parse(choice.Why) is var (step, isChallenger)
        && splits.TryGetValue(modelId, out var split)
        && version == (isChallenger ? split.Challenger : split.Champion)
            ? (split, step, isChallenger)
            : null;

    /// <summary>The step and arm of a choice. Null if it has none.</summary>
    internal static (int Step, bool IsChallenger)? Parse(string why)
    {
        var isChallenger = why.StartsWith(Canary, StringComparison.Ordinal);
        return
            (isChallenger || why.StartsWith(Champion, StringComparison.Ordinal))
            && int.TryParse(
                why.AsSpan((isChallenger ? Canary : Champion).Length),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var step
            )
            ? (step, isChallenger)
            : null;
    }
}
