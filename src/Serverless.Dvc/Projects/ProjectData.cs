using System.Text.Json;
using Serverless.Core;
using Serverless.Data.Files;
using Serverless.Dvc.Files;

namespace Serverless.Dvc.Projects;

/// <summary>Reads the data of a revision from its files, or from DVC's cache by the digests that the stages recorded.</summary>
/// <param name="index">The revision's stages.</param>
/// <param name="cached">Returns the object of a digest, or null if it is not in the cache.</param>
internal sealed class ProjectData(ProjectIndex index, Func<string, HashKind, byte[]?> cached)
{
    private readonly Dictionary<string, StageOut> outs = index
        .Stages.SelectMany(s => s.Outs)
        .Where(o => o.UseCache)
        .GroupBy(o => o.FullPath, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    /// <summary>Returns the file, or the files of a folder.</summary>
    public IEnumerable<string> Expand(string path)
    {
        if (index.Files.FolderExists(path))
        {
            return index.Files.Below(path);
        }

        return !index.Files.FileExists(path) && Listed(path) is { } listed
            ? listed.Keys.Where(f => StagePaths.IsIn(f, path)).Order(CodePointOrder.Instance)
            : [path];
    }

    public byte[] Read(string path)
    {
        if (index.Files.FileExists(path))
        {
            return index.Files.Read(path);
        }

        var found =
            outs.TryGetValue(path, out var output) && output.Recorded is { Digest: { } md5, IsDirectory: false } recorded
                ? cached(md5, recorded.Kind)
            : Listed(path)?.GetValueOrDefault(path) is { } entry ? cached(entry.Md5, entry.Kind)
            : null;
        return found ?? throw new FileNotFoundException($"[Errno 2] No such file or directory: '{index.Paths.Show(path)}'", path);
    }

    // The files of the recorded folder that the path is, or is inside.
    private Dictionary<string, (string Md5, HashKind Kind)>? Listed(string path)
    {
        for (var at = path; at is not null && at.Length >= index.Paths.Root.Length; at = Path.GetDirectoryName(at))
        {
            if (outs.TryGetValue(at, out var output))
            {
                if (output.Recorded is not { Digest: { } md5, IsDirectory: true } recorded || cached(md5, recorded.Kind) is not { } bytes)
                {
                    return null;
                }

                using var list = JsonDocument.Parse(bytes);
                return list
                    .RootElement.EnumerateArray()
                    .ToDictionary(
                        e => Path.Combine(at, e.GetProperty("relpath").GetString()!),
                        e => (e.GetProperty("md5").GetString()!, recorded.Kind),
                        StringComparer.Ordinal
                    );
            }
        }

        return null;
    }
}
