using Serverless.Core;

namespace Serverless.Dvc.Repro;

/// <summary>An event of a stage during the reproduction of a pipeline.</summary>
public abstract record ReproEvent(string Stage)
{
    /// <summary>Nothing differs from the lock.</summary>
    public sealed record Unchanged(string Stage, bool IsData) : ReproEvent(Stage);

    /// <summary>The stage is processed for these reasons. Raised before anything happens.</summary>
    public sealed record Changed(string Stage, IReadOnlyList<string> Why) : ReproEvent(Stage);

    public sealed record Running(string Stage) : ReproEvent(Stage);

    /// <summary>A line of the command starts.</summary>
    public sealed record Command(string Stage, string Line) : ReproEvent(Stage);

    public sealed record Output(string Stage, string Line, bool IsError) : ReproEvent(Stage);

    /// <summary>The outputs were restored from an earlier run.</summary>
    public sealed record Restored(string Stage, string From) : ReproEvent(Stage);

    /// <summary>There is nothing to run; the data is checked.</summary>
    public sealed record Verifying(string Stage, bool IsFrozen) : ReproEvent(Stage);

    public sealed record Failed(string Stage, ServerlessException Error, bool IsIgnored) : ReproEvent(Stage);

    /// <summary>Other stages will not run because this one failed.</summary>
    public sealed record Skipping(string Stage, IReadOnlyList<string> Others) : ReproEvent(Stage);

    /// <summary>The lock contains what the stage read and wrote.</summary>
    public sealed record Done(string Stage, TimeSpan Time) : ReproEvent(Stage);

    public sealed record Note(string Stage, string Text) : ReproEvent(Stage);
}

/// <summary>The outcome of a stage.</summary>
public enum StageEnd
{
    Unchanged,

    /// <summary>The command ran, or would run.</summary>
    Ran,

    /// <summary>The outputs were restored from an earlier run.</summary>
    Restored,

    /// <summary>The data was recorded again without running anything.</summary>
    Verified,

    /// <summary>The data was fetched.</summary>
    Pulled,
    Failed,

    /// <summary>An upstream stage failed.</summary>
    Skipped,
}

/// <summary>The end of a stage, and why it was processed.</summary>
public sealed record StageReport(string Stage, StageEnd End, IReadOnlyList<string> Why, ServerlessException? Error = null);

/// <summary>The result of a reproduction: every stage of the plan, in order.</summary>
public sealed record ReproResult(IReadOnlyList<StageReport> Stages, ServerlessException? Error, IReadOnlyList<string> Changed)
{
    /// <summary>Gets the stages that differed from the lock.</summary>
    public IReadOnlyList<string> Reproduced =>
        [.. Stages.Where(s => s.End is StageEnd.Ran or StageEnd.Restored or StageEnd.Verified).Select(s => s.Stage)];
}
