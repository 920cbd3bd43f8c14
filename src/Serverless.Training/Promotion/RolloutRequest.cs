using Serverless.Tracking.Alerts;
using Serverless.Tracking.Models;

namespace Serverless.Training.Promotion;

/// <summary>A request to roll out a registered version: the challenger of the version in Production.</summary>
public sealed record RolloutRequest
{
    public required string Model { get; init; }

    public required int Version { get; init; }

    public RolloutPlan Plan { get; init; } = new();

    public IReadOnlyList<AlertTarget> Alerts { get; init; } = [];

    public ApprovalRule? Approval { get; init; }

    public required Actor By { get; init; }

    public string? Why { get; init; }

    /// <summary>
    /// The version that the challenger was compared with. If another one is in Production, the request is rejected. Null to accept any.
    /// </summary>
    public int? ComparedWith { get; init; }
}
