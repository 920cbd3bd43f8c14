using System.Text.Json;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading.Stages;

/// <summary>A path that a stage reads, relative to the pipeline's folder.</summary>
internal sealed record DvcDep(string Path, int Line);

/// <summary>A path that a stage writes, relative to the pipeline's folder.</summary>
internal sealed record DvcOut(string Path, string Written, int Line, ArtifactKind Kind)
{
    public bool Cache { get; init; } = true;

    public bool Persist { get; init; }

    public string? Description { get; init; }
}

/// <summary>The parameters of one file: some, or without keys all of them.</summary>
internal sealed record DvcParams(string File, IReadOnlyList<(string Key, int Line)> Keys, int Line);

/// <summary>A stage with DVC's keys and this product's additional ones.</summary>
internal sealed class DvcStage(string name, string group, int line)
{
    public string Name { get; } = name;

    public string Group { get; } = group;

    public int Line { get; } = line;

    public string? Description { get; set; }

    public IReadOnlyList<string> Command { get; set; } = [];

    public string? Uses { get; set; }

    /// <summary>Gets the working folder relative to the pipeline's folder; `.` is the folder itself.</summary>
    public string WorkingDirectory { get; set; } = ".";

    public List<DvcDep> Deps { get; } = [];

    public List<DvcOut> Outs { get; } = [];

    public List<DvcParams> Params { get; } = [];

    public bool Frozen { get; set; }

    public bool AlwaysChanged { get; set; }

    /// <summary>Gets a value that indicates whether an unreadable part may have listed outputs.</summary>
    public bool HasUnknownOuts { get; set; }

    public Dictionary<string, ParameterBinding> With { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the stages referred to in `with` and `when`, and the location of the reference.</summary>
    public List<(string Stage, int Line)> After { get; } = [];

    public string? When { get; set; }

    public int WhenLine { get; set; }

    public RetrySpec? Retry { get; set; }

    public TimeSpan? Timeout { get; set; }

    public ResourceSpec? Resources { get; set; }

    public ApprovalSpec? Approval { get; set; }

    public bool Finally { get; set; }

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the parameter values, once read.</summary>
    public OrderedDictionary<string, JsonElement> Tracked { get; } = new(StringComparer.Ordinal);
}
