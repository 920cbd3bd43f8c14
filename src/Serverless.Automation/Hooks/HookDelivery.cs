namespace Serverless.Automation.Hooks;

/// <summary>How far a delivery has come.</summary>
public enum DeliveryState
{
    /// <summary>Taken in; what it starts is not decided yet.</summary>
    Received,

    /// <summary>Its runs are under way.</summary>
    Started,

    /// <summary>Told to GitHub, or nothing was to be told.</summary>
    Done,
}

/// <summary>One delivery of the webhook. GitHub's id of it is the key, so that a redelivery changes nothing.</summary>
public sealed record HookDelivery
{
    public required string Id { get; init; }

    public required GithubPush Push { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public DeliveryState State { get; init; }

    public IReadOnlyList<HookRun> Runs { get; init; } = [];

    /// <summary>Why nothing was started.</summary>
    public string? Note { get; init; }

    /// <summary>Attempts that failed for a reason that may pass.</summary>
    public int Failures { get; init; }
}

/// <summary>What one mapping makes of a delivery.</summary>
/// <param name="RunId">Known before the run is: it follows from the delivery and the mapping, so that a second attempt starts none of its
/// own.</param>
/// <param name="Error">Why there is no run.</param>
/// <param name="Champion">The version that was in production when it began.</param>
public sealed record HookRun(HookMapping Mapping, string RunId, string? Error = null, int? Champion = null, bool IsReported = false);
