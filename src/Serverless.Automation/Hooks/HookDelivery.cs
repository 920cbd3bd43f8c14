namespace Serverless.Automation.Hooks;

/// <summary>The state of a delivery.</summary>
public enum DeliveryState
{
    /// <summary>Received. Its runs are not decided yet.</summary>
    Received,

    /// <summary>Its runs are in progress.</summary>
    Started,

    /// <summary>Reported to GitHub, or there was nothing to report.</summary>
    Done,
}

/// <summary>One delivery of the webhook, keyed by GitHub's delivery ID, so that a redelivery changes nothing.</summary>
public sealed record HookDelivery
{
    public required string Id { get; init; }

    public required GithubPush Push { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public DeliveryState State { get; init; }

    public IReadOnlyList<HookRun> Runs { get; init; } = [];

    /// <summary>Why nothing was started.</summary>
    public string? Note { get; init; }

    /// <summary>The number of attempts that failed with a transient error.</summary>
    public int Failures { get; init; }
}

/// <summary>The result of one mapping for a delivery.</summary>
/// <param name="RunId">Derived from the delivery and the mapping, so that a second attempt does not start another run.</param>
/// <param name="Error">Why there is no run.</param>
/// <param name="Champion">The version in production when the run began.</param>
public sealed record HookRun(HookMapping Mapping, string RunId, string? Error = null, int? Champion = null, bool IsReported = false);
