using System.Collections.Concurrent;
using System.Globalization;
using Serverless.Serving.Invocations;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Rollouts;

/// <summary>
/// Shares a model's requests between champion and challenger, as the model's own row says: one rule on every host, without a question to
/// the store. A host whose breaker has tripped sends nothing more to the challenger, whether the store knows of it yet or not.
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
            // Somebody put another version into Production: then that one answers, and the rollout is over.
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

    /// <summary>From now on this host sends the rollout's challenger nothing.</summary>
    internal void Trip(string rolloutId) => tripped[rolloutId] = true;

    /// <summary>The split by which a request was routed, and in which step; null if it was not routed by one.</summary>
    internal (TrafficSplit Split, int Step, bool IsChallenger)? SplitOf(string modelId, int version, VersionChoice choice) =>
        choice.IsRouted
        && Parse(choice.Why) is var (step, isChallenger)
        && splits.TryGetValue(modelId, out var split)
        && version == (isChallenger ? split.Challenger : split.Champion)
            ? (split, step, isChallenger)
            : null;

    /// <summary>The step and arm that a choice names; null if it names none.</summary>
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
