using Serverless.Monitoring.Sequential;
using Serverless.Training.Promotion;

namespace Serverless.Serving.Rollouts;

/// <summary>What one arm of one step answered, as one host counted it. Every field only grows, so rows of hosts add up.</summary>
public sealed record ArmCounts
{
    public static readonly ArmCounts None = new();

    /// <summary>Answers and failures, without what was rejected.</summary>
    public long Requests { get; init; }

    /// <summary>The version threw, could not be loaded, or gave NaN.</summary>
    public long Errors { get; init; }

    /// <summary>
    /// Requests whose data the version would not take. They need not be the caller's fault: it may want what the champion does not.
    /// </summary>
    public long Rejections { get; init; }

    /// <summary>Distinct request keys, for the sample-ratio check.</summary>
    public long Keys { get; init; }

    /// <summary>Logarithms of the milliseconds of answers.</summary>
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
/// What one host process counted of a rollout. It alone writes its row, always with all it has counted since it started, so a write that is
/// repeated changes nothing, and nothing that was written is lost.
/// </summary>
public sealed record HostCounts(string Host, DateTimeOffset JoinedAt, IReadOnlyList<StepCounts> Steps);

/// <summary>What all hosts counted.</summary>
public sealed class RolloutCounts
{
    private const string LossesOf = "log";
    private readonly Dictionary<int, StepCounts> steps = [];

    /// <param name="hosts">In any order.</param>
    public RolloutCounts(IEnumerable<HostCounts> hosts)
    {
        Hosts = [.. hosts.OrderBy(h => h.JoinedAt).ThenBy(h => h.Host, StringComparer.Ordinal)];
        foreach (var step in Hosts.SelectMany(h => h.Steps))
        {
            var before = Of(step.Step);
            steps[step.Step] = new StepCounts(step.Step, before.Champion + step.Champion, before.Challenger + step.Challenger);
        }
    }

    /// <summary>The same with the losses of labelled answers, which come from the log of predictions.</summary>
    public RolloutCounts With(IReadOnlyList<StepCounts> losses) =>
        new([.. Hosts, new HostCounts(LossesOf, DateTimeOffset.MaxValue, losses)]);

    /// <summary>In the order in which they joined.</summary>
    public IReadOnlyList<HostCounts> Hosts { get; }

    public StepCounts Of(int step) => steps.GetValueOrDefault(step) ?? new StepCounts(step, ArmCounts.None, ArmCounts.None);
}
