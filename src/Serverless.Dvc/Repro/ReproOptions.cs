namespace Serverless.Dvc.Repro;

/// <summary>What happens to the others when a stage fails.</summary>
public enum OnError
{
    /// <summary>Nothing new starts; what runs comes to its end.</summary>
    Fail,

    /// <summary>All runs but what depends on the failed stage.</summary>
    KeepGoing,

    /// <summary>All runs, and the command succeeds.</summary>
    Ignore,
}

/// <summary>The options of `dvc repro`, and how many stages run at a time.</summary>
public sealed record ReproOptions
{
    /// <summary>Stages, loops, dvc.yaml or .dvc files; none for the dvc.yaml of the folder.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    public bool Force { get; init; }

    /// <summary>Only the targets, not what they depend on.</summary>
    public bool SingleItem { get; init; }

    /// <summary>The whole pipelines that the targets are in.</summary>
    public bool Pipeline { get; init; }

    public bool AllPipelines { get; init; }

    /// <summary>A target that is a folder stands for the stages in it.</summary>
    public bool Recursive { get; init; }

    /// <summary>The targets and what depends on them.</summary>
    public bool Downstream { get; init; }

    /// <summary>What depends on a stage that ran runs too.</summary>
    public bool ForceDownstream { get; init; }

    public bool Dry { get; init; }

    public bool NoCommit { get; init; }

    /// <summary>False: nothing is taken from the run cache.</summary>
    public bool RunCache { get; init; } = true;

    /// <summary>Data that is missing and otherwise unchanged does not make a stage run.</summary>
    public bool AllowMissing { get; init; }

    /// <summary>Data that is missing is fetched.</summary>
    public bool Pull { get; init; }

    /// <summary>The names of stages are patterns.</summary>
    public bool Glob { get; init; }

    public OnError OnError { get; init; }

    /// <summary>How many stages run at a time.</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>Asks before a stage is reproduced; null for not asking.</summary>
    public Func<string, bool>? Confirm { get; init; }

    /// <summary>True: a command that runs alone has the terminal to itself.</summary>
    public bool ShareTerminal { get; init; }
}
