using System.Text.Json;
using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;
using Serverless.Storage;
using Serverless.Storage.Content;

namespace Serverless.Automation.Policies.Pipelines;

/// <summary>
/// The content of a pipeline at the time its policy was applied. Any host can run it later, with other data and parameters, without
/// the original folder.
/// </summary>
public sealed record PipelineSnapshot
{
    /// <summary>The maximum number of parent folders in a pipeline's paths.</summary>
    private const int Depth = 4;

    /// <summary>The name of the pipeline: its folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>The files that define the pipeline, by path relative to its folder. The pipeline file comes first.</summary>
    public required IReadOnlyList<KeyValuePair<string, ContentRef>> Definitions { get; init; }

    /// <summary>The files that it reads.</summary>
    public required IReadOnlyDictionary<string, ContentRef> Sources { get; init; }

    /// <summary>Optional sources that do not exist.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>Stores a pipeline.</summary>
    /// <returns>The snapshot and its digest.</returns>
    public static async Task<(PipelineSnapshot Snapshot, string Digest)> StoreAsync(
        PipelineDocument document,
        ContentStore content,
        CancellationToken cancellationToken
    )
    {
        var definitions = await Task.WhenAll(
            document.Definitions.Select(async path =>
                KeyValuePair.Create(path, await content.PutAsync(Path.Combine(document.Directory, path), cancellationToken))
            )
        );
        var there = document.Sources.Where(s => Path.Exists(s.FullPath)).ToList();
        var sources = await Task.WhenAll(
            there.Select(async s => KeyValuePair.Create(s.Path, await content.PutAsync(s.FullPath, cancellationToken)))
        );
        var snapshot = new PipelineSnapshot
        {
            Name = document.Spec.Name,
            Definitions = definitions,
            Sources = new SortedDictionary<string, ContentRef>(sources.ToDictionary(s => s.Key, s => s.Value), StringComparer.Ordinal),
            Absent = [.. document.Sources.Except(there).Select(s => s.Path)],
        };
        var stored = await content.PutBytesAsync(JsonSerializer.SerializeToUtf8Bytes(snapshot, StorageJson.Options), cancellationToken);
        return (snapshot, stored.Digest);
    }

    public static async Task<PipelineSnapshot> LoadAsync(string digest, ContentStore content, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<PipelineSnapshot>(await content.ReadAsync(digest, cancellationToken), StorageJson.Options)!;

    /// <summary>
    /// Reads the pipeline again in a folder of its own, with other parameters. Source files are only named: the caller who submits the
    /// pipeline supplies their contents.
    /// </summary>
    /// <param name="work">An empty folder.</param>
    public async Task<PipelineDocument> ReadAsync(
        string work,
        ComponentCatalog catalog,
        ContentStore content,
        ParameterChanges changes,
        CancellationToken cancellationToken
    )
    {
        // Deep enough that `../shared.yaml` stays inside the work folder.
        var folder = Path.Combine([work, .. Enumerable.Repeat("up", Depth), Name]);
        Directory.CreateDirectory(folder);
        foreach (var (path, file) in Definitions)
        {
            await content.GetAsync(file, Inside(work, folder, path), cancellationToken);
        }

        foreach (var (path, source) in Sources)
        {
            var full = Inside(work, folder, path);
            if (source.IsDirectory)
            {
                Directory.CreateDirectory(full);
            }
            else if (!File.Exists(full))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                await File.WriteAllBytesAsync(full, [], cancellationToken);
            }
        }

        changes.WriteTo(folder);
        return DvcYaml.Read(Path.Combine(folder, Definitions[0].Key), catalog);
    }

    private static string Inside(string work, string folder, string path)
    {
        var full = Path.GetFullPath(Path.Combine(folder, path));
        return full.StartsWith(Path.GetFullPath(work) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw ServerlessException.Invalid(
                $"'{path}' is more than {Depth} folders above the pipeline.",
                "Move it closer: a policy stores the pipeline with all files that it names."
            );
    }
}
