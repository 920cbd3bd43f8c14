using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>Finds the differences of a stage from its lock, by DVC's rules.</summary>
internal sealed class StageStatus(WorkData data, StageRecord? written = null)
{
    /// <summary>Returns why the stage has to run. With <paramref name="allowMissing"/>, missing data counts only if an upstream stage
    /// wrote other content there.</summary>
    public List<StageChange> Changes(RepoStage stage, bool allowMissing, IReadOnlyList<RepoStage> upstream)
    {
        var changes = Definition(stage).ToList();
        if (stage.IsCallback || stage.AlwaysChanged)
        {
            if (!stage.Frozen)
            {
                changes.Add(
                    new StageChange(
                        ChangeOf.Always,
                        "",
                        stage.IsCallback ? "it has no dependencies and no outputs, so it always runs" : "always_changed"
                    )
                );
            }
        }
        else if (!stage.Frozen)
        {
            changes.AddRange(Deps(stage).Where(c => !(allowMissing && c.State == "deleted" && !IsRewritten(stage, c, upstream))));
        }

        changes.AddRange(Outs(stage).Where(c => !(allowMissing && c.State is "not in cache" or "deleted")));
        return changes;
    }

    /// <summary>Returns all differences, for status commands.</summary>
    public List<StageChange> All(RepoStage stage)
    {
        var changes = stage.Frozen ? [] : Deps(stage).ToList();
        changes.AddRange(Outs(stage));
        if (stage.IsCallback || stage.AlwaysChanged)
        {
            changes.Add(new StageChange(ChangeOf.Always, "", "always changed"));
        }

        changes.AddRange(Definition(stage));
        return changes;
    }

    /// <summary>Returns the values that a stage uses of a parameters file, by the names that it uses.</summary>
    public static DataMap ValuesOf(StageParams file)
    {
        if (!File.Exists(file.FullPath))
        {
            return Directory.Exists(file.FullPath)
                ? throw ServerlessException.Invalid($"'{file.Shown}' is a directory, expected a parameters file")
                : DataMap.Empty;
        }

        var all = ParamsFile.Read(file.FullPath, file.Shown);
        if (file.Keys.Count == 0)
        {
            return all as DataMap ?? throw ServerlessException.Invalid($"'{file.Shown}' contains no parameters: expected a dictionary");
        }

        return DataValues.Map(file.Keys.Distinct(StringComparer.Ordinal).Select(k => (k, ParamsFile.Find(all, k))));
    }

    private static IEnumerable<StageChange> Definition(RepoStage stage)
    {
        if (stage.IsPipelineStage ? stage.IsCommandChanged : IsPointerChanged(stage))
        {
            yield return new StageChange(stage.IsPipelineStage ? ChangeOf.Command : ChangeOf.Pointer, "", "changed");
        }
    }

    // Added data has no digest of its pointer; an import has one.
    private static bool IsPointerChanged(RepoStage stage) =>
        stage.Pointer is { } pointer
        && (stage.IsImport || stage.Command is not null)
        && pointer["md5"]?.AsText != PointerDigest.Of(pointer);

    private bool IsRewritten(RepoStage stage, StageChange change, IReadOnlyList<RepoStage> upstream) =>
        stage.Deps.Find(d => d.Shown == change.Path) is { } dep
        && upstream
            .SelectMany(u => u.Outs)
            .Any(o => o.FullPath == dep.FullPath && (written?.DigestOf(o) ?? o.Recorded?.Digest) != dep.Recorded?.Digest);

    private IEnumerable<StageChange> Deps(RepoStage stage)
    {
        foreach (var dep in stage.Deps)
        {
            if (dep.IsElsewhere)
            {
                // `mlops update` checks external sources.
                continue;
            }

            if (!WorkData.Exists(dep.FullPath))
            {
                yield return new StageChange(ChangeOf.Dep, dep.Shown, "deleted");
            }
            else if (!data.IsAsRecorded(dep.FullPath, dep.Recorded))
            {
                yield return new StageChange(ChangeOf.Dep, dep.Shown, "modified");
            }
        }

        foreach (var change in stage.Params.SelectMany(Params))
        {
            yield return change;
        }
    }

    private static IEnumerable<StageChange> Params(StageParams file)
    {
        if (!WorkData.Exists(file.FullPath))
        {
            yield return new StageChange(ChangeOf.Param, file.Shown, "deleted");
            yield break;
        }

        if (file.Recorded is not { } recorded)
        {
            yield return new StageChange(ChangeOf.Param, file.Shown, "new");
            yield break;
        }

        var actual = ValuesOf(file);
        var names =
            file.Keys.Count > 0
                ? file.Keys
                : [.. actual.Entries.Concat(recorded.Entries).Select(e => PythonText.Str(e.Key)).Distinct(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            var (now, before) = (Find(actual, name), Find(recorded, name));
            var state =
                now is null ? "deleted"
                : before is null ? "new"
                : AreEqual(now, before) ? null
                : "modified";
            if (state is not null)
            {
                yield return new StageChange(
                    ChangeOf.Param,
                    file.Shown,
                    state,
                    name,
                    state == "modified" ? $" ({Shown(before!)} -> {Shown(now!)})" : null
                );
            }
        }
    }

    /// <summary>Text in quotes, and a date as the file writes it.</summary>
    private static string Shown(DataNode value) =>
        value is DataScalar { Value: DateOnly or DateTime or DateTimeOffset or TimeOnly } ? PythonText.Str(value) : PythonText.Repr(value);

    private static DataNode? Find(DataMap values, string name) =>
        (values.Find(name) ?? values.Entries.FirstOrDefault(e => PythonText.Str(e.Key) == name))?.Value;

    // YAML has no tuples: a tuple from a Python file was recorded as a list.
    private static bool AreEqual(DataNode now, DataNode before) =>
        PythonEquality.AreEqual(
            now is DataList { Kind: DataKind.Tuple } tuple && before.Kind == DataKind.List ? new DataList(tuple.Items) : now,
            before
        );

    private IEnumerable<StageChange> Outs(RepoStage stage)
    {
        foreach (var output in stage.Outs.Where(o => !o.IsElsewhere))
        {
            var state =
                output.UseCache && output.Recorded?.Digest is not null && !data.IsCached(output.Recorded) ? "not in cache"
                : !WorkData.Exists(output.FullPath) ? "deleted"
                : !data.IsAsRecorded(output.FullPath, output.Recorded) ? "modified"
                : null;
            if (state is not null)
            {
                yield return new StageChange(ChangeOf.Out, output.Shown, state);
            }
        }
    }
}
