using System.Text.Json.Serialization;

namespace Serverless.Automation.Policies.Records;

/// <summary>The outcome of evaluating a trigger.</summary>
public enum DecisionOutcome
{
    /// <summary>The trigger's condition is not met.</summary>
    NotFired,

    /// <summary>The condition is met, but no run may start yet.</summary>
    Held,

    /// <summary>A run was started.</summary>
    Fired,

    /// <summary>The upload was rejected.</summary>
    Refused,

    /// <summary>A run of the policy has ended.</summary>
    Ended,
}

/// <summary>The result of a policy's run.</summary>
public enum RunUpshot
{
    /// <summary>It finished without a comparison.</summary>
    Finished,

    /// <summary>The challenger passed.</summary>
    Passed,

    /// <summary>The challenger lost and is not promoted.</summary>
    Lost,
    Failed,
    Canceled,
}

/// <summary>One line of the decision log: what was evaluated, the outcome, and why.</summary>
public sealed record Decision
{
    public required string Model { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The trigger's name. `manual` for a person, `upload` for an upload.</summary>
    public required string Trigger { get; init; }

    public required DecisionOutcome Outcome { get; init; }

    /// <summary>What was evaluated.</summary>
    public required string LookedAt { get; init; }

    public required string Why { get; init; }

    public required string EventKey { get; init; }

    public string? RunId { get; init; }

    /// <summary>The result of the run, if it has ended.</summary>
    public RunUpshot? Upshot { get; init; }

    /// <summary>The version that the run registered.</summary>
    public int? Version { get; init; }

    /// <summary>The artifact path of the drift report, without its extension.</summary>
    public string? Report { get; init; }

    /// <summary>The number of the decision, from 0 over all decisions of the model. Not stored: it is the row's key.</summary>
    [JsonIgnore]
    public long Number { get; init; }

    /// <summary>Identifies repetitions of the last decision of its trigger. Null: its outcome and its texts do.</summary>
    [JsonIgnore]
    public string? Sameness { get; init; }

    /// <summary>How often the same finding was repeated, and when it last was.</summary>
    public int Times { get; init; } = 1;

    public DateTimeOffset? LastTime { get; init; }
}

/// <summary>An event that a model's policy has processed. No event is processed twice.</summary>
public sealed record AnsweredEvent(string EventKey, DateTimeOffset Time, DecisionOutcome Outcome, string? RunId);
