using System.Runtime.CompilerServices;
using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Storage.Blobs;

namespace Serverless.Data.Remotes;

/// <summary>A remote in a local folder or on a mounted share.</summary>
public sealed class FolderRemote(string root) : IRemote
{
    public string Url => root;

    public int DefaultJobs => Environment.ProcessorCount;

    /// <summary>Listing a folder is as fast as finding one file, so listing everything is rarely worthwhile.</summary>
    public int PageSize => 16;

    public async IAsyncEnumerable<RemoteObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await Task.CompletedTask;
        var folder = new DirectoryInfo(Path.Combine(root, prefix[..(prefix.LastIndexOf('/') + 1)]));
        if (!folder.Exists)
        {
            yield break;
        }

        foreach (
            var file in folder.EnumerateFiles(
                "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }
            )
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (name.StartsWith(prefix, StringComparison.Ordinal) && !file.Name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                yield return new RemoteObject(name, file.Length, file.LastWriteTimeUtc);
            }
        }
    }

    public Task<bool> ExistsAsync(string name, CancellationToken cancellationToken = default) => Task.FromResult(File.Exists(PathOf(name)));

    public Task<IReadOnlySet<string>?> ExistAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlySet<string>?>(names.Where(n => File.Exists(PathOf(n))).ToHashSet(StringComparer.Ordinal));

    public async Task PutAsync(string name, Stream content, long length, byte[] md5, CancellationToken cancellationToken = default)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = TemporaryFiles.Beside(path);
        try
        {
            await using (var hashed = new HashedStream(content))
            await using (var file = LocalCache.Create(temporary))
            {
                await hashed.CopyToAsync(file, 1 << 20, cancellationToken);
                if (!hashed.Digest().AsSpan().SequenceEqual(md5))
                {
                    throw new ServerlessException(
                        ErrorCodes.InvalidState,
                        $"The content of '{name}' does not match its name: the source is corrupt.",
                        "Find corrupt files with `mlops fsck`."
                    );
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TemporaryFiles.TryDelete(temporary);
            throw;
        }
    }

    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.FromResult<Stream?>(
                new FileStream(PathOf(name), new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan })
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // It is already gone, which is the goal.
        }

        return Task.CompletedTask;
    }

    public Task<bool> MoveAsync(string name, string newName, CancellationToken cancellationToken = default)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(newName))!);
            File.Move(PathOf(name), PathOf(newName), overwrite: true);
            return Task.FromResult(true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(false);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string PathOf(string name) => Path.Combine(root, name);
}
