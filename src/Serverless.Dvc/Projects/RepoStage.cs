using Serverless.Data.Locks;
using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Dvc.Reading;
using Serverless.Dvc.Reading.Templating;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Projects;

/// <summary>A stage of a project: one of a dvc.yaml, or a .dvc file, which is a stage of one file's or folder's data.</summary>
internal sealed class RepoStage(string file, string? name, string workingDirectory)
{
    /// <summary>The full path of its dvc.yaml or .dvc file.</summary>
    public string File { get; } = file;

    /// <summary>Null for a .dvc file.</summary>
    public string? Name { get; } = name;

    /// <summary>The full path.</summary>
    public string WorkingDirectory { get; } = workingDirectory;

    public required StagePaths Paths { get; init; }

    /// <summary>A text, or a list of texts; null where there is nothing to run.</summary>
    public DataNode? Command { get; init; }

    public List<StageDep> Deps { get; } = [];

    public List<StageParams> Params { get; } = [];

    public List<StageOut> Outs { get; } = [];

    public bool Frozen { get; init; }

    public bool AlwaysChanged { get; init; }

    /// <summary>What the lock records of it; null if nothing.</summary>
    public StageLock? Lock { get; init; }

    /// <summary>For a .dvc file: the file itself.</summary>
    public DataMap? Pointer { get; init; }

    /// <summary>Keys that DVC does not have.</summary>
    public IReadOnlyList<string> OwnKeys { get; init; } = [];

    public RetrySpec? Retry { get; init; }

    public TimeSpan? Timeout { get; init; }

    public ResourceSpec? Resources { get; init; }

    /// <summary>The values of variables that it used, by file.</summary>
    public TrackedVars? Tracked { get; init; }

    public bool IsPipelineStage => Name is not null;

    /// <summary>The name that DVC shows and takes: `train`, `sub/dvc.yaml:train`, `data.dvc`.</summary>
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

    /// <summary>A command that reads and writes nothing it tells of: it runs every time.</summary>
    public bool IsCallback => Command is not null && Deps.Count == 0 && Params.Count == 0 && Outs.Count == 0;

    public bool IsImport => Command is null && Deps.Count == 1 && Outs.Count == 1;

    /// <summary>Imports of another repository do not wait for anything of this one.</summary>
    public bool IsRepoImport => IsImport && Deps[0].IsElsewhere;

    public bool IsCommandChanged => Lock is not null && !PythonEquality.AreEqual(Lock.Command, Command);

    /// <summary>The lines to run, each in a shell of its own.</summary>
    public IReadOnlyList<string> CommandLines =>
        Command switch
        {
            DataList list => [.. list.Items.Select(PythonText.Str)],
            { AsText: { } text } => PythonLines(text),
            _ => [],
        };

    public override string ToString() => Addressing;

    // Python's splitlines.
    private static string[] PythonLines(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}

/// <summary>A file or folder that a stage reads.</summary>
internal sealed record StageDep(RepoStage Stage, string DefPath, string FullPath, OutputEntry? Recorded)
{
    /// <summary>An address, or the file of another repository: not of this file system.</summary>
    public bool IsElsewhere { get; init; }

    public string Shown => Path.IsPathRooted(DefPath) || IsElsewhere ? DefPath : Stage.Paths.Show(FullPath);
}

/// <summary>A file or folder that a stage writes.</summary>
internal sealed record StageOut(RepoStage Stage, string DefPath, string FullPath, OutputEntry? Recorded)
{
    /// <summary>False for what the user keeps in git.</summary>
    public bool UseCache { get; init; } = true;

    public bool Metric { get; init; }

    /// <summary>How it is plotted; null for what is no plot.</summary>
    public DataMap? Plot { get; init; }

    public bool Persist { get; init; }

    public bool IsElsewhere { get; init; }

    public bool IsInProject => !IsElsewhere && !Path.IsPathRooted(DefPath) && StagePaths.IsIn(FullPath, Stage.Paths.Root);

    public string Shown => Path.IsPathRooted(DefPath) || IsElsewhere ? DefPath : Stage.Paths.Show(FullPath);
}

/// <summary>Parameters of one file that a stage depends on: some, or (no keys) all.</summary>
internal sealed record StageParams(RepoStage Stage, string DefPath, string FullPath, IReadOnlyList<string> Keys, DataMap? Recorded)
{
    public string Shown => Stage.Paths.Show(FullPath);
}
