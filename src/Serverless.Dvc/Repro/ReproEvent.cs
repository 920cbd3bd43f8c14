using Serverless.Core;

namespace Serverless.Dvc.Repro;

/// <summary>What is told of a stage while a pipeline is reproduced.</summary>
public abstract record ReproEvent(string Stage)
{
    /// <summary>Nothing differs from the lock.</summary>
    public sealed record Unchanged(string Stage, bool IsData) : ReproEvent(Stage);

    /// <summary>It is looked at because of this, before anything of it happens.</summary>
    public sealed record Changed(string Stage, IReadOnlyList<string> Why) : ReproEvent(Stage);

    public sealed record Running(string Stage) : ReproEvent(Stage);

    /// <summary>A line of its command starts.</summary>
    public sealed record Command(string Stage, string Line) : ReproEvent(Stage);

    public sealed record Output(string Stage, string Line, bool IsError) : ReproEvent(Stage);

    /// <summary>Its outputs were taken from what ran before.</summary>
    public sealed record Restored(string Stage, string From) : ReproEvent(Stage);

    /// <summary>Nothing to run: its data is looked at.</summary>
    public sealed record Verifying(string Stage, bool IsFrozen) : ReproEvent(Stage);

    public sealed record Failed(string Stage, ServerlessException Error, bool IsIgnored) : ReproEvent(Stage);

    /// <summary>Others will not run because it failed.</summary>
    public sealed record Skipping(string Stage, IReadOnlyList<string> Others) : ReproEvent(Stage);

    /// <summary>The lock has what it read and wrote.</summary>
    public sealed record Done(string Stage, TimeSpan Time) : ReproEvent(Stage);

    public sealed record Note(string Stage, string Text) : ReproEvent(Stage);
}

/// <summary>How a stage came out.</summary>
public enum StageEnd
{
    Unchanged,

    /// <summary>Its command ran, or would run.</summary>
    Ran,

    /// <summary>Its outputs were taken from what ran before.</summary>
    Restored,

    /// <summary>Its data was recorded anew, without running anything.</summary>
    Verified,

    /// <summary>Its data was fetched.</summary>
    Pulled,
    Failed,

    /// <summary>Something before it failed.</summary>
    Skipped,
}

/// <summary>A stage's end, and why it was looked at.</summary>
public sealed record StageReport(string Stage, StageEnd End, IReadOnlyList<string> Why, ServerlessException? Error = null);

/// <summary>How a reproduction came out: every stage of the plan, in its order.</summary>
public sealed record ReproResult(IReadOnlyList<StageReport> Stages, ServerlessException? Error, IReadOnlyList<string> Changed)
{
    /// <summary>The stages that were not as the lock has them.</summary>
    public IReadOnlyList<string> Reproduced =>
        [.. Stages.Where(s => s.End is StageEnd.Ran or StageEnd.Restored or StageEnd.Verified).Select(s => s.Stage)];
}
