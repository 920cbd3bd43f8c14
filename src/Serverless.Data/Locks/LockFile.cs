using Serverless.Data.Files;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Locks;

/// <summary>A dvc.lock: what each stage of the dvc.yaml beside it read and wrote. It is edited in place, and appears whole or not at all.
/// Not for several threads at once.</summary>
public sealed class LockFile(string path)
{
    public const string Name = "dvc.lock";

    /// <summary>
    /// Stages that this process added, with their place in its plan: whichever ends first, they stand in the plan's order.
    /// </summary>
    private readonly Dictionary<string, int> added = new(StringComparer.Ordinal);

    /// <summary>True: nobody else wrote the file, so it may be written anew.</summary>
    private bool isOwn;

    public string Path { get; } = path;

    /// <summary>Records a stage. True if that changed the file.</summary>
    /// <param name="stage">The stage's name.</param>
    /// <param name="record">What it read and wrote.</param>
    /// <param name="order">Its place among the stages that this process may add.</param>
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
