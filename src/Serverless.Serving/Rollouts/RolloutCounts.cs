using Serverless.Monitoring.Sequential;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Rollouts;

/// <summary>One host's counts for one arm of one step. Every field only grows, so the rows of hosts can be added.</summary>
public sealed record ArmCounts
{
    public static readonly ArmCounts None = new();

    /// <summary>Responses and failures, without rejected requests.</summary>
    public long Requests { get; init; }

    /// <summary>Requests for which the version threw, could not be loaded, or returned NaN.</summary>
    public long Errors { get; init; }

    /// <summary>
    /// Requests whose data the version rejected. This may be the version's fault: it may require what the champion does not.
    /// </summary>
    public long Rejections { get; init; }

    /// <summary>Distinct request keys, for the sample-ratio check.</summary>
    public long Keys { get; init; }

    /// <summary>Logarithms of the response times in milliseconds.</summary>
    public ValueSums LogLatency { get; init; }

    /// <summary>1 for a wrong class.</summary>
    public ValueSums ErrorLoss { get; init; }

    public ValueSums SquaredLoss { get; init; }

    public ValueSums AbsoluteLoss { get; init; }

    public long All => Requests + Rejections;

    public ValueSums Loss(QualityLoss loss) =>
        loss switch
        {
            QualityLoss.Error => ErrorLoss,
            QualityLoss.Absolute => AbsoluteLoss,
            _ => SquaredLoss,
        };

    public static ArmCounts operator +(ArmCounts a, ArmCounts b) =>
        new()
        {
            Requests = a.Requests + b.Requests,
            Errors = a.Errors + b.Errors,
            Rejections = a.Rejections + b.Rejections,
            Keys = a.Keys + b.Keys,
            LogLatency = a.LogLatency + b.LogLatency,
            ErrorLoss = a.ErrorLoss + b.ErrorLoss,
            SquaredLoss = a.SquaredLoss + b.SquaredLoss,
            AbsoluteLoss = a.AbsoluteLoss + b.AbsoluteLoss,
        };

    public static ArmCounts Add(ArmCounts left, ArmCounts right) => left + right;
}

/// <summary>Both arms of a step.</summary>
public sealed record StepCounts(int Step, ArmCounts Champion, ArmCounts Challenger);

/// <summary>
/// The counts of one host process for a rollout. Only this process writes the row, always with all counts since it started, so a repeated
/// write changes nothing and no count is lost.
/// </summary>
public sealed record HostCounts(string Host, DateTimeOffset JoinedAt, IReadOnlyList<StepCounts> Steps);

/// <summary>The counts of all hosts.</summary>
public sealed class RolloutCounts
{
    private const string LossesOf = "log";
    private readonly Dictionary<int, StepCounts> steps = [];

    /// <param name="hosts">The hosts' counts, in any order.</param>
    public RolloutCounts(IEnumerable<HostCounts> hosts)
    {
        Hosts = [.. hosts.OrderBy(h => h.JoinedAt).ThenBy(h => h.Host, StringComparer.Ordinal)];
        foreach (var step in Hosts.SelectMany(h => h.Steps))
        {
            var before = Of(step.Step);
            steps[step.Step] = new StepCounts(step.Step, before.Champion + step.Champion, before.Challenger + step.Challenger);
        }
    }

    /// <summary>Adds the losses of labeled predictions, which come from the prediction log.</summary>
    public RolloutCounts With(IReadOnlyList<StepCounts> losses) =>
        new([.. Hosts, new HostCounts(LossesOf, DateTimeOffset.MaxValue, losses)]);

    /// <summary>In the order in which they joined.</summary>
    public IReadOnlyList<HostCounts> Hosts { get; }

    public StepCounts Of(int step) => steps.GetValueOrDefault(step) ?? new StepCounts(step, ArmCounts.None, ArmCounts.None);
}
