namespace Serverless.Serving.Rollouts;

/// <summary>The action that follows from an evaluation.</summary>
public enum RolloutAction
{
    /// <summary>Keep waiting.</summary>
    Wait,
    NextStep,
    Promote,
    RollBack,
    Abort,
}

/// <summary>The result of evaluating a rollout.</summary>
public sealed record RolloutLook
{
    public required DateTimeOffset Time { get; init; }

    public required int Step { get; init; }

    public required RolloutAction Action { get; init; }

    /// <summary>A sentence with the numbers.</summary>
    public required string Reason { get; init; }

    public IReadOnlyList<RolloutTest> Tests { get; init; } = [];

    /// <summary>Responses in this step, including failures.</summary>
    public long ChampionRequests { get; init; }

    public long ChallengerRequests { get; init; }
}

/// <summary>The result of one test.</summary>
/// <param name="Name">errors, rejections, latency, quality, sample ratio, error limit.</param>
/// <param name="PValue">Always valid: it can be checked at any time, any number of times.</param>
/// <param name="Alpha">The test's share of the plan's alpha.</param>
/// <param name="Champion">The champion's rate or mean over all compared steps. Null if there is none.</param>
/// <param name="Challenger">The challenger's rate or mean.</param>
/// <param name="Unit">The unit of both: a share, `ms` (the geometric mean) or `loss`.</param>
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
    /// <summary>True if the challenger is worse.</summary>
    public bool IsRejected => PValue <= Alpha;
}
