using System.Globalization;
using Serverless.Automation.Policies.Document;
using Serverless.Storage.Content;

namespace Serverless.Automation.Policies.Records;

/// <summary>Where a model's policy stands: the one row that every decision of the model is written against.</summary>
public sealed record PolicyState
{
    public required string Model { get; init; }

    /// <summary>The revision that holds.</summary>
    public required int Revision { get; init; }

    public PauseRecord? Paused { get; init; }

    /// <summary>The last time of each timed trigger that was looked at, by its name.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Slots { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>The last windows of each drift trigger, the newest last.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<DriftWindowRecord>> Windows { get; init; } =
        new Dictionary<string, IReadOnlyList<DriftWindowRecord>>();

    /// <summary>The run that was started last and whose end was not looked at yet.</summary>
    public RunOrder? Active { get; init; }

    /// <summary>Events that shall start a run, but may not yet.</summary>
    public IReadOnlyList<PendingEvent> Pending { get; init; } = [];

    /// <summary>When the last runs were started, of the last day.</summary>
    public IReadOnlyList<DateTimeOffset> Starts { get; init; } = [];

    /// <summary>When the last run ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The newest version of each dataset that a run has learned from.</summary>
    public IReadOnlyDictionary<string, int> Trained { get; init; } = new Dictionary<string, int>();

    /// <summary>What the last run that ran to its end learned from, and how: data, definition, policy and parameters.</summary>
    public string? LearnedDigest { get; init; }

    /// <summary>The last decision of each trigger, so that the same one again is counted instead of written anew.</summary>
    public IReadOnlyDictionary<string, LastDecision> Last { get; init; } = new Dictionary<string, LastDecision>();

    /// <summary>How many decisions were written.</summary>
    public long Decisions { get; init; }
}

public sealed record PauseRecord(string By, DateTimeOffset At, string? Reason);

/// <summary>One upload, as a drift trigger saw it.</summary>
public sealed record DriftWindowRecord(string EventKey, bool HasDrifted, double Share);

/// <summary>An event that shall start a run once it may.</summary>
public sealed record PendingEvent(string EventKey, string Trigger, string Why, DateTimeOffset Since)
{
    /// <summary>The revision of the policy that found it; 0 for one that was kept before revisions were.</summary>
    public int Revision { get; init; }

    /// <summary>The version in Production that it is about; null if it holds whatever is there.</summary>
    public int? Champion { get; init; }

    /// <summary>How many events of a timed trigger it stands for: the clock strikes as long as something holds it back.</summary>
    public int Count { get; init; } = 1;
}

public sealed record LastDecision(string RowKey, string Digest);

/// <summary>A run that was decided on: all that is needed to submit it, as often as it takes.</summary>
public sealed record RunOrder
{
    public required string RunId { get; init; }

    public required string Model { get; init; }

    /// <summary>The events that it answers, the one that gave it its id first.</summary>
    public required IReadOnlyList<string> EventKeys { get; init; }

    public required string Trigger { get; init; }

    public required string Why { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    public required int Revision { get; init; }

    public required string PipelineDigest { get; init; }

    /// <summary>Contents that take the place of the pipeline's own, by path.</summary>
    public IReadOnlyDictionary<string, ContentRef> Sources { get; init; } = new Dictionary<string, ContentRef>();

    /// <summary>The dataset versions in them.</summary>
    public IReadOnlyDictionary<string, int> Versions { get; init; } = new Dictionary<string, int>();

    /// <summary>Parameters instead of the pipeline's: name and YAML text.</summary>
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
