using System.Security.Cryptography;
using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Pointers;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Data.Remotes;

/// <summary>Transfers the run cache to and from a remote: small files `runs/kk/key/value`, and the content that they refer to.</summary>
public sealed class RunCacheTransfer(IRemote remote, LocalCache cache, int? jobs = null)
{
    private const string Prefix = "runs/";
    private readonly int jobs = jobs ?? remote.DefaultJobs;

    /// <summary>Sends the entries that the remote lacks, after the content that they refer to, as far as it is here.</summary>
    public async Task<int> PushAsync(CancellationToken cancellationToken = default)
    {
        var here = Local().ToDictionary(n => n, n => Path.Combine(cache.Folder, n), StringComparer.Ordinal);
        var there = await RemoteAsync(cancellationToken);
        var missing = here.Where(h => !there.Contains(h.Key)).ToList();
        await new ObjectUpload(remote, cache, jobs: jobs).PushAsync(
            missing.SelectMany(m => Named(m.Value)).Where(o => cache.Contains(o.Digest, o.Kind)).Distinct(),
            cancellationToken
        );
        await Parallel.ForEachAsync(
            missing,
            Options(cancellationToken),
            async (entry, token) =>
            {
                var bytes = await File.ReadAllBytesAsync(entry.Value, token);
                using var body = new MemoryStream(bytes, writable: false);
                await remote.PutAsync(entry.Key, body, bytes.Length, MD5.HashData(bytes), token);
            }
        );
        return missing.Count;
    }

    public async Task<int> FetchAsync(CancellationToken cancellationToken = default)
    {
        var here = Local().ToHashSet(StringComparer.Ordinal);
        var missing = (await RemoteAsync(cancellationToken)).Where(n => !here.Contains(n)).ToList();
        await Parallel.ForEachAsync(
            missing,
            Options(cancellationToken),
            async (name, token) =>
            {
                await using var body = await remote.OpenAsync(name, token);
                if (body is not null)
                {
                    using var bytes = new MemoryStream();
                    await body.CopyToAsync(bytes, token);
                    var path = Path.Combine(cache.Folder, name);
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    TemporaryFiles.Write(path, to => to.Write(bytes.GetBuffer(), 0, (int)bytes.Length));
                }
            }
        );
        return missing.Count;
    }

    /// <summary>Returns the content of an entry's outputs.</summary>
    internal static IReadOnlyList<ObjectId> Named(string path)
    {
        try
        {
            return YamlReader.Parse(File.ReadAllText(path), path) is DataMap document && document["outs"] is DataList outs
                ?
                [
                    .. outs
                        .Items.OfType<DataMap>()
                        .Select(o => new OutputEntry(o))
                        .Where(o => o.Digest is not null)
                        .Select(o => ObjectId.Parse(o.Digest!, o.Kind)),
                ]
                : [];
        }
        catch (ServerlessException)
        {
            // A broken entry restores nothing, so it needs nothing.
            return [];
        }
    }

    private IEnumerable<string> Local()
    {
        var folder = Path.Combine(cache.Folder, Prefix);
        return Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(cache.Folder, f).Replace(Path.DirectorySeparatorChar, '/'))
                .Where(IsEntry)
            : [];
    }

    private async Task<HashSet<string>> RemoteAsync(CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var item in remote.ListAsync(Prefix, cancellationToken))
        {
            if (IsEntry(item.Name))
            {
                names.Add(item.Name);
            }
        }

        return names;
    }

    // Names from a remote become paths here, so only `runs/kk/key/value` is accepted.
    private static bool IsEntry(string name) =>
        name.Split('/') is ["runs", { Length: 2 }, { Length: 64 } key, { Length: 64 } value]
        && key.All(char.IsAsciiHexDigitLower)
        && value.All(char.IsAsciiHexDigitLower);

    private ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = jobs, CancellationToken = cancellationToken };
}
