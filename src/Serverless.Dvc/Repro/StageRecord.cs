using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Data.Locks;
using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;
using Serverless.Storage.Content;

namespace Serverless.Dvc.Repro;

/// <summary>Records what a stage read and wrote: hashes, checks, and stores its outputs in the cache.</summary>
internal sealed class StageRecord(WorkData data)
{
    private const int TextProbe = 512;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> written = new(StringComparer.Ordinal);

    /// <summary>Returns the new content of an output, or null if this reproduction did not create it.</summary>
    public string? DigestOf(StageOut output) => written.GetValueOrDefault(output.FullPath);

    /// <summary>Returns the current state of what a stage reads. Throws DVC's errors for missing data.</summary>
    public StageLock Inputs(RepoStage stage) =>
        new()
        {
            Command = stage.Command ?? DataScalar.Null(),
            Deps =
            [
                .. stage
                    .Deps.Where(d => !d.IsElsewhere)
                    .Select(d =>
                        Entry(
                            d.DefPath,
                            d.Recorded,
                            d.FullPath,
                            data.Read(d.FullPath)
                                ?? throw ServerlessException.Invalid(
                                    $"dependency '{d.Shown}' does not exist",
                                    "Create it, or run `mlops pull`."
                                )
                        )
                    ),
            ],
            Params = [.. stage.Params.Select(p => (p.DefPath, Values(p)))],
        };

    /// <summary>Checks that outputs exist and metrics are text before anything is stored.</summary>
    public void Check(RepoStage stage)
    {
        foreach (var output in stage.Outs)
        {
            if (!output.IsInProject && output.UseCache)
            {
                throw ServerlessException.Invalid(
                    $"Saving cached external output {output.DefPath} is not supported since DVC 3.0.",
                    "Write it inside the project, or set `cache: false`."
                );
            }

            if (!WorkData.Exists(output.FullPath) || data.Repository.Ignore.IsIgnored(output.FullPath, Directory.Exists(output.FullPath)))
            {
                throw ServerlessException.Invalid($"output '{output.Shown}' does not exist");
            }

            if (output.Metric && File.Exists(output.FullPath) && !IsText(output.FullPath))
            {
                throw ServerlessException.Invalid(
                    $"binary file '{output.FullPath}' cannot be used as metrics.",
                    "Write the metrics as JSON, YAML or TOML."
                );
            }
        }
    }

    /// <summary>Returns the current outputs. Cached ones are stored unless <paramref name="noCommit"/> is set.</summary>
    public IReadOnlyList<OutputEntry> Outputs(RepoStage stage, bool noCommit)
    {
        var entries = new List<OutputEntry>();
        foreach (var output in stage.Outs)
        {
            var isKept = output.UseCache && !noCommit;
            var content =
                (isKept ? data.Save(output.FullPath) : data.Read(output.FullPath))
                ?? throw ServerlessException.Invalid($"output '{output.Shown}' does not exist");
            if (isKept)
            {
                data.Relink(content, output.FullPath);
            }

            written[output.FullPath] = content.Digest;
            entries.Add(Entry(output.DefPath, output.Recorded, output.FullPath, content));
        }

        return entries;
    }

    /// <summary>Saves the run for the next time with the same inputs, if DVC's rules permit it.</summary>
    public void SaveRun(RepoStage stage, StageLock record)
    {
        if (!CanBeKept(stage, record))
        {
            return;
        }

        // Files tracked by Git must be in the cache too, to be restored from a run.
        foreach (var output in stage.Outs.Where(o => !o.UseCache))
        {
            data.Save(output.FullPath);
        }

        data.Runs.Save(record);
    }

    /// <summary>Returns true if a run with these inputs may be looked up.</summary>
    public static bool CanBeKept(RepoStage stage, StageLock inputs) =>
        stage is { Command: not null, AlwaysChanged: false, IsCallback: false, Outs.Count: > 0 }
        && stage.Deps.Count + stage.Params.Count > 0
        && stage.Deps.All(d => !d.IsElsewhere)
        && inputs.Params.All(p => p.Values.Entries.Count > 0)
        && stage.Outs.All(o => o.IsInProject && !o.Persist);

    private static DataMap Values(StageParams file)
    {
        if (!WorkData.Exists(file.FullPath))
        {
            throw ServerlessException.Invalid($"dependency '{file.Shown}' does not exist", "Create it, or remove it from `params`.");
        }

        var values = StageStatus.ValuesOf(file);
        var missing = file.Keys.Distinct(StringComparer.Ordinal).Where(k => !values.Contains(k)).ToList();
        return missing.Count == 0
            ? values
            : throw ServerlessException.Invalid(
                $"Parameters '{string.Join(", ", missing)}' are missing from '{file.Shown}'.",
                "Define them there, or remove them from `params`."
            );
    }

    // DVC's test, on the beginning of the file.
    private static bool IsText(string path)
    {
        using var file = File.OpenRead(path);
        var probe = new byte[TextProbe];
        return FileHash.IsText(probe.AsSpan(0, file.ReadAtLeast(probe, TextProbe, throwOnEndOfStream: false)));
    }

    private OutputEntry Entry(string path, OutputEntry? recorded, string fullPath, ContentRef content) =>
        WorkData.EntryOf(
            path,
            content,
            recorded,
            recorded is { Kind: HashKind.Md5Dos2Unix, Digest: not null } ? data.Read(fullPath, HashKind.Md5Dos2Unix) : null
        );
}
