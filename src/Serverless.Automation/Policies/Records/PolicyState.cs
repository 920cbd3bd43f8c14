using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Storage.Content;

namespace Serverless.Automation.Policies.Records;

/// <summary>The state of a model's policy: the row that guards every decision of the model.</summary>
public sealed record PolicyState
{
    public required string Model { get; init; }

    /// <summary>The active revision.</summary>
    public required int Revision { get; init; }

    public PauseRecord? Paused { get; init; }

    /// <summary>The last evaluated time of each timed trigger, by trigger name.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Slots { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>The last windows of each drift trigger, newest last.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<DriftWindowRecord>> Windows { get; init; } =
        new Dictionary<string, IReadOnlyList<DriftWindowRecord>>();

    /// <summary>The last started run, until its end has been processed.</summary>
    public RunOrder? Active { get; init; }

    /// <summary>Events that will start a run, but are held back.</summary>
    public IReadOnlyList<PendingEvent> Pending { get; init; } = [];

    /// <summary>The start times of the runs of the last day.</summary>
    public IReadOnlyList<DateTimeOffset> Starts { get; init; } = [];

    /// <summary>When the last run ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The newest version of each dataset that a run has trained on.</summary>
    public IReadOnlyDictionary<string, int> Trained { get; init; } = new Dictionary<string, int>();

    /// <summary>A digest of what the last completed run trained on: data, definition, policy and parameters.</summary>
    public string? LearnedDigest { get; init; }

    /// <summary>The last decision of each trigger, so that repetitions are counted instead of written again.</summary>
    public IReadOnlyDictionary<string, LastDecision> Last { get; init; } = new Dictionary<string, LastDecision>();

    /// <summary>The number of decisions written.</summary>
    public long Decisions { get; init; }
}

public sealed record PauseRecord(string By, DateTimeOffset At, string? Reason);

/// <summary>One upload, as evaluated by a drift trigger.</summary>
public sealed record DriftWindowRecord(string EventKey, bool HasDrifted, double Share);

/// <summary>An event that will start a run once allowed.</summary>
public sealed record PendingEvent(string EventKey, string Trigger, string Why, DateTimeOffset Since)
{
    /// <summary>The revision of the policy that found it. 0 for an event stored before revisions were.</summary>
    public int Revision { get; init; }

    /// <summary>The version in Production that it is about. Null if it applies to any.</summary>
    public int? Champion { get; init; }

    /// <summary>The number of events of a timed trigger that it stands for, which grows while something holds it back.</summary>
    public int Count { get; init; } = 1;
}

public sealed record LastDecision(string RowKey, string Digest);

/// <summary>A decided run, with all that is needed to submit it repeatedly.</summary>
public sealed record RunOrder
{
    public required string RunId { get; init; }

    public required string Model { get; init; }

    /// <summary>The events of the run. The first one determined its ID.</summary>
    public required IReadOnlyList<string> EventKeys { get; init; }

    public required string Trigger { get; init; }

    public required string Why { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    public required int Revision { get; init; }

    public required string PipelineDigest { get; init; }

    /// <summary>Contents that replace the pipeline's own, by path.</summary>
    public IReadOnlyDictionary<string, ContentRef> Sources { get; init; } = new Dictionary<string, ContentRef>();

    /// <summary>The dataset versions in these contents.</summary>
    public IReadOnlyDictionary<string, int> Versions { get; init; } = new Dictionary<string, int>();

    /// <summary>Parameter overrides: name and YAML text.</summary>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public string By { get; init; } = "policy";

    /// <summary>The same digest is the same data under the same definition: another run would learn the same.</summary>
    public string Digest() =>
        PolicyReader.DigestOf(
            string.Join(
                '\n',
                [
                    PipelineDigest,
                    Revision.ToString(CultureInfo.InvariantCulture),
                    .. Sources.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value.Digest}"),
                    .. Params.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{p.Value}"),
                ]
            )
        );
}
