using Serverless.Data.Files;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Locks;

/// <summary>A dvc.lock: what each stage of the dvc.yaml next to it read and wrote. Edits are in place and appear as a whole or not at all.
/// Not thread-safe.</summary>
public sealed class LockFile(string path)
{
    public const string Name = "dvc.lock";

    /// <summary>
    /// The stages that this process added, with their position in its plan. They are written in the order of the plan, whichever finishes
    /// first.
    /// </summary>
    private readonly Dictionary<string, int> added = new(StringComparer.Ordinal);

    /// <summary>Gets a value that indicates whether nobody else wrote the file, so that it may be rewritten.</summary>
    private bool isOwn;

    public string Path { get; } = path;

    /// <summary>Records a stage. Returns true if that changed the file.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="record">What the stage read and wrote.</param>
    /// <param name="order">The position among the stages that this process may add.</param>
    public bool Write(string stage, StageLock record, int order)
    {
        var text = File.Exists(Path) ? TextFile.Read(Path, Name) : "";
        isOwn |= text.Length == 0;
        var document =
            (text.Length == 0 ? null : YamlReader.Parse(text, Name) as DataMap) ?? DataValues.Map(("schema", DataScalar.Text("2.0")));
        var stages = document["stages"] as DataMap ?? DataMap.Empty;
        var data = record.ToData();
        if (DataValues.Same(stages[stage], data))
        {
            return false;
        }

        var wanted = document.With("stages", With(stages, stage, data, order));
        TemporaryFiles.WriteText(Path, isOwn ? YamlWriter.Write(wanted) : YamlEditor.Apply(text, Name, wanted));
        return true;
    }

    private DataMap With(DataMap stages, string stage, DataMap data, int order)
    {
        if (stages.Contains(stage))
        {
            return stages.With(stage, data);
        }

        var at = stages
            .Entries.ToList()
            .FindIndex(e => e.Key.AsText is { } name && added.TryGetValue(name, out var other) && other > order);
        added[stage] = order;
        var entry = new DataEntry(DataScalar.Text(stage), data);
        return at < 0
            ? stages.With(stage, data)
            : new DataMap([.. stages.Entries.Take(at), entry, .. stages.Entries.Skip(at)], stages.Line);
    }
}
