using Serverless.Core;
using Serverless.Data.Pointers;
using Serverless.Data.Values;

namespace Serverless.Data.Locks;

/// <summary>What dvc.lock and the run cache record of a stage.</summary>
public sealed record StageLock
{
    public const string DefaultParams = "params.yaml";

    /// <summary>Gets the command: a text, or a list of texts.</summary>
    public required DataNode Command { get; init; }

    public IReadOnlyList<OutputEntry> Deps { get; init; } = [];

    /// <summary>Gets the parameters by file, then by the name that the stage uses.</summary>
    public IReadOnlyList<(string File, DataMap Values)> Params { get; init; } = [];

    public IReadOnlyList<OutputEntry> Outs { get; init; } = [];

    public static StageLock From(DataMap map) =>
        new()
        {
            Command = map["cmd"] ?? DataScalar.Null(),
            Deps = Entries(map["deps"]),
            Params =
            [
                .. (map["params"] as DataMap ?? DataMap.Empty).Entries.Select(e =>
                    (PythonText.Str(e.Key), e.Value as DataMap ?? DataMap.Empty)
                ),
            ],
            Outs = Entries(map["outs"]),
        };

    /// <summary>Returns the keys in DVC's order: paths sorted, params.yaml first, empty sections omitted.</summary>
    public DataMap ToData()
    {
        var entries = new List<DataEntry> { Entry("cmd", Command) };
        if (Deps.Count > 0)
        {
            entries.Add(Entry("deps", List(Deps)));
        }

        if (Params.Count > 0)
        {
            var files = Params.OrderBy(p => p.File != DefaultParams).ThenBy(p => p.File, CodePointOrder.Instance);
            entries.Add(Entry("params", new DataMap([.. files.Select(p => Entry(p.File, Sorted(p.Values)))])));
        }

        if (Outs.Count > 0)
        {
            entries.Add(Entry("outs", List(Outs)));
        }

        return new DataMap(entries);
    }

    private static IReadOnlyList<OutputEntry> Entries(DataNode? list) =>
        [.. ((list as DataList)?.Items ?? []).OfType<DataMap>().Select(m => new OutputEntry(m))];

    private static DataList List(IEnumerable<OutputEntry> entries) =>
        new([.. entries.OrderBy(e => e.Path, CodePointOrder.Instance).Select(e => (DataNode)e.Source)]);

    private static DataMap Sorted(DataMap values) => new([.. values.Entries.OrderBy(e => PythonText.Str(e.Key), CodePointOrder.Instance)]);

    private static DataEntry Entry(string key, DataNode value) => new(DataScalar.Text(key), value);
}
