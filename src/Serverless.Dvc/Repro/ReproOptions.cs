namespace Serverless.Dvc.Repro;

/// <summary>What happens to other stages when one fails.</summary>
public enum OnError
{
    /// <summary>No new stages start; running ones finish.</summary>
    Fail,

    /// <summary>All stages run, except those that depend on the failed one.</summary>
    KeepGoing,

    /// <summary>All stages run, and the command succeeds.</summary>
    Ignore,
}

/// <summary>The options of `dvc repro`, plus the number of parallel stages.</summary>
public sealed record ReproOptions
{
    /// <summary>Gets the targets: stages, loops, dvc.yaml or .dvc files; none for the dvc.yaml of the folder.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    public bool Force { get; init; }

    /// <summary>Gets whether to process only the targets, without their dependencies.</summary>
    public bool SingleItem { get; init; }

    /// <summary>Gets whether to process the whole pipelines of the targets.</summary>
    public bool Pipeline { get; init; }

    public bool AllPipelines { get; init; }

    /// <summary>Gets whether a folder selects the stages in it.</summary>
    public bool Recursive { get; init; }

    /// <summary>Gets whether to process the targets and everything that depends on them.</summary>
    public bool Downstream { get; init; }

    /// <summary>Gets whether everything that depends on a stage that ran runs too.</summary>
    public bool ForceDownstream { get; init; }

    public bool Dry { get; init; }

    public bool NoCommit { get; init; }

    /// <summary>Gets whether outputs may be restored from the run cache.</summary>
    public bool RunCache { get; init; } = true;

    /// <summary>Gets whether missing but otherwise unchanged data is ignored.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>Gets whether missing data is fetched.</summary>
    public bool Pull { get; init; }

    /// <summary>Gets whether stage names are patterns.</summary>
    public bool Glob { get; init; }

    public OnError OnError { get; init; }

    /// <summary>Gets the maximum number of parallel stages.</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>Gets the callback that confirms a stage before it is reproduced; null to skip the confirmation.</summary>
    public Func<string, bool>? Confirm { get; init; }

    /// <summary>Gets whether a command that runs alone has exclusive access to the terminal.</summary>
    public bool ShareTerminal { get; init; }
}
