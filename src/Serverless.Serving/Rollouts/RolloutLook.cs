namespace Serverless.Serving.Rollouts;

/// <summary>What a look at a rollout says is to be done.</summary>
public enum RolloutAction
{
    /// <summary>Nothing yet.</summary>
    Wait,
    NextStep,
    Promote,
    RollBack,
    Abort,
}

/// <summary>What a look saw, and what follows from it.</summary>
public sealed record RolloutLook
{
    public required DateTimeOffset Time { get; init; }

    public required int Step { get; init; }

    public required RolloutAction Action { get; init; }

    /// <summary>A sentence with the numbers.</summary>
    public required string Reason { get; init; }

    public IReadOnlyList<RolloutTest> Tests { get; init; } = [];

    /// <summary>Answers of this step, failures among them.</summary>
    public long ChampionRequests { get; init; }

    public long ChallengerRequests { get; init; }
}

/// <summary>One test of a look.</summary>
/// <param name="Name">errors, rejections, latency, quality, sample ratio, error limit.</param>
/// <param name="PValue">Always valid: it may be looked at as often as one likes.</param>
/// <param name="Alpha">The test's part of the plan's alpha.</param>
/// <param name="Champion">The champion's rate or mean over all steps that were compared; null if there is none.</param>
/// <param name="Challenger">The challenger's.</param>
/// <param name="Unit">What the two are: a share, `ms` (the geometric mean), `loss`.</param>
/// <param name="Text">A sentence with the numbers.</param>
public sealed record RolloutTest(
    string Name,
    double PValue,
    double Alpha,
    double? Champion,
    double? Challenger,
    long ChampionCount,
    long ChallengerCount,
    string Unit,
    string Text
)
{
    /// <summary>True if it speaks against the challenger.</summary>
    public bool IsRejected => PValue <= Alpha;
}
