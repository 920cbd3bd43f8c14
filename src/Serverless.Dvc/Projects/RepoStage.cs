using Serverless.Data.Locks;
using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Dvc.Reading;
using Serverless.Dvc.Reading.Templating;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Projects;

/// <summary>A stage of a project: from a dvc.yaml, or a .dvc file, which is a stage with the data of one file or folder.</summary>
internal sealed class RepoStage(string file, string? name, string workingDirectory)
{
    /// <summary>Gets the full path of its dvc.yaml or .dvc file.</summary>
    public string File { get; } = file;

    /// <summary>Gets the name; null for a .dvc file.</summary>
    public string? Name { get; } = name;

    /// <summary>Gets the full path of the working folder.</summary>
    public string WorkingDirectory { get; } = workingDirectory;

    public required StagePaths Paths { get; init; }

    /// <summary>Gets the command: a text, or a list of texts; null if there is none.</summary>
    public DataNode? Command { get; init; }

    public List<StageDep> Deps { get; } = [];

    public List<StageParams> Params { get; } = [];

    public List<StageOut> Outs { get; } = [];

    public bool Frozen { get; init; }

    public bool AlwaysChanged { get; init; }

    /// <summary>Gets the stage's record in the lock; null if there is none.</summary>
    public StageLock? Lock { get; init; }

    /// <summary>Gets the pointer of a .dvc file.</summary>
    public DataMap? Pointer { get; init; }

    /// <summary>Gets the keys that DVC does not know.</summary>
    public IReadOnlyList<string> OwnKeys { get; init; } = [];

    public RetrySpec? Retry { get; init; }

    public TimeSpan? Timeout { get; init; }

    public ResourceSpec? Resources { get; init; }

    /// <summary>Gets the values of used variables by file.</summary>
    public TrackedVars? Tracked { get; init; }

    public bool IsPipelineStage => Name is not null;

    /// <summary>Gets the name that DVC displays and accepts: `train`, `sub/dvc.yaml:train`, `data.dvc`.</summary>
    public string Addressing
    {
        get
        {
            var file = StagePaths.Relative(Paths.Here, File);
            return Name is null ? file
                : file == DvcYaml.FileName ? Name
                : $"{file}:{Name}";
        }
    }

    /// <summary>
    /// Gets a value that indicates whether the command declares neither dependencies nor outputs, so that it always runs.
    /// </summary>
    public bool IsCallback => Command is not null && Deps.Count == 0 && Params.Count == 0 && Outs.Count == 0;

    public bool IsImport => Command is null && Deps.Count == 1 && Outs.Count == 1;

    /// <summary>Gets a value that indicates an import from another repository, which depends on nothing in this one.</summary>
    public bool IsRepoImport => IsImport && Deps[0].IsElsewhere;

    public bool IsCommandChanged => Lock is not null && !PythonEquality.AreEqual(Lock.Command, Command);

    /// <summary>Gets the lines to run, each in a separate shell.</summary>
    public IReadOnlyList<string> CommandLines =>
        Command switch
        {
            DataList list => [.. list.Items.Select(PythonText.Str)],
            { AsText: { } text } => PythonLines(text),
            _ => [],
        };

    public override string ToString() => Addressing;

    // Like Python's splitlines.
    private static string[] PythonLines(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}

/// <summary>A file or folder that a stage reads.</summary>
internal sealed record StageDep(RepoStage Stage, string DefPath, string FullPath, OutputEntry? Recorded)
{
    /// <summary>Gets a value that indicates a URL or a file of another repository, outside this file system.</summary>
    public bool IsElsewhere { get; init; }

    public string Shown => Path.IsPathRooted(DefPath) || IsElsewhere ? DefPath : Stage.Paths.Show(FullPath);
}

/// <summary>A file or folder that a stage writes.</summary>
internal sealed record StageOut(RepoStage Stage, string DefPath, string FullPath, OutputEntry? Recorded)
{
    /// <summary>Gets a value that is false for content tracked by git.</summary>
    public bool UseCache { get; init; } = true;

    public bool Metric { get; init; }

    /// <summary>Gets how it is plotted; null if it is not a plot.</summary>
    public DataMap? Plot { get; init; }

    public bool Persist { get; init; }

    public bool IsElsewhere { get; init; }

    public bool IsInProject => !IsElsewhere && !Path.IsPathRooted(DefPath) && StagePaths.IsIn(FullPath, Stage.Paths.Root);

    public string Shown => Path.IsPathRooted(DefPath) || IsElsewhere ? DefPath : Stage.Paths.Show(FullPath);
}

/// <summary>The parameters of one file that a stage depends on: some, or without keys all of them.</summary>
internal sealed record StageParams(RepoStage Stage, string DefPath, string FullPath, IReadOnlyList<string> Keys, DataMap? Recorded)
{
    public string Shown => Stage.Paths.Show(FullPath);
}
