using System.Text.Json;
using Serverless.Core;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;
using Serverless.Storage;
using Serverless.Storage.Content;

namespace Serverless.Automation.Policies.Pipelines;

/// <summary>
/// A pipeline as it was when its policy was applied, by content: any host can run it later, with other data and other parameters,
/// without the folder it came from.
/// </summary>
public sealed record PipelineSnapshot
{
    /// <summary>How far above its folder a pipeline's paths may reach.</summary>
    private const int Depth = 4;

    /// <summary>The name of the pipeline, which is that of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>The files that say what the pipeline is, the pipeline file first, by their path from its folder.</summary>
    public required IReadOnlyList<KeyValuePair<string, ContentRef>> Definitions { get; init; }

    /// <summary>What it reads.</summary>
    public required IReadOnlyDictionary<string, ContentRef> Sources { get; init; }

    /// <summary>Sources that need not be there, and are not.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>Stores a pipeline.</summary>
    /// <returns>The snapshot, and the digest that finds it again.</returns>
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
    /// Reads the pipeline again in a folder of its own, with other parameters. What it reads is only named there: whoever submits the
    /// pipeline gives the contents.
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
        // Deep enough that `../shared.yaml` stays inside of the work folder.
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
                $"'{path}' lies more than {Depth} folders above the pipeline.",
                "Move it nearer: a policy keeps the pipeline with all that it names."
            );
    }
}
