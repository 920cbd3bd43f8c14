using System.Text.Json.Serialization;

namespace Serverless.Automation.Policies.Records;

/// <summary>What came of looking at a trigger.</summary>
public enum DecisionOutcome
{
    /// <summary>The trigger's condition does not hold.</summary>
    NotFired,

    /// <summary>It holds, but no run may start yet.</summary>
    Held,

    /// <summary>A run was started.</summary>
    Fired,

    /// <summary>What came in cannot be used.</summary>
    Refused,

    /// <summary>A run that the policy started has ended.</summary>
    Ended,
}

/// <summary>What came of a run that a policy started.</summary>
public enum RunUpshot
{
    /// <summary>It ran to its end; nothing was compared.</summary>
    Finished,

    /// <summary>The challenger passed.</summary>
    Passed,

    /// <summary>The challenger lost, and is not promoted.</summary>
    Lost,
    Failed,
    Canceled,
}

/// <summary>One line of the decision log: what was looked at, what came of it, and why.</summary>
public sealed record Decision
{
    public required string Model { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The trigger's name; `manual` for a person, `upload` for what came in.</summary>
    public required string Trigger { get; init; }

    public required DecisionOutcome Outcome { get; init; }

    /// <summary>What was looked at.</summary>
    public required string LookedAt { get; init; }

    public required string Why { get; init; }

    public required string EventKey { get; init; }

    public string? RunId { get; init; }

    /// <summary>Of a run that has ended.</summary>
    public RunUpshot? Upshot { get; init; }

    /// <summary>The version that the run registered.</summary>
    public int? Version { get; init; }

    /// <summary>Path of the drift report's page among the artifacts, without its extension.</summary>
    public string? Report { get; init; }

    /// <summary>Counted from 0 over all decisions of the model; it is not stored, for it is the row's key.</summary>
    [JsonIgnore]
    public long Number { get; init; }

    /// <summary>What makes it the same as the last one of its trigger; null: its outcome and its texts do.</summary>
    [JsonIgnore]
    public string? Sameness { get; init; }

    /// <summary>How often the same was found in a row, and when last.</summary>
    public int Times { get; init; } = 1;

    public DateTimeOffset? LastTime { get; init; }
}

/// <summary>An event that a model's policy has answered: it is never answered twice.</summary>
public sealed record AnsweredEvent(string EventKey, DateTimeOffset Time, DecisionOutcome Outcome, string? RunId);
