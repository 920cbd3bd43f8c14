using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Repositories;
using Serverless.Storage.Content;

namespace Serverless.Data.Outputs;

/// <summary>
/// Writes a file of the cache to the workspace with the first kind of link that works. Replaces an existing file atomically.
/// </summary>
internal sealed class FileLayer(Repository repository)
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public void Lay(Md5Digest digest, HashKind kind, string path, bool executable = false)
    {
        var source = repository.Cache.PathOf(digest.ToString(), kind);
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = TemporaryFiles.Beside(path);
        try
        {
            if (!repository.Cache.Links.Any(l => TryLink(l, source, temporary)))
            {
                throw new ServerlessException(
                    ErrorCodes.Environment,
                    $"No configured kind of link works from the cache to '{folder}'.",
                    "Use copies, which work everywhere: `mlops config cache.type copy`."
                );
            }

            SetExecutable(temporary, executable);
            if (Directory.Exists(path) && FileStat.Of(path, follow: false) is { IsDirectory: true })
            {
                Directory.Delete(path, recursive: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TemporaryFiles.TryDelete(temporary);
            throw;
        }

        if (kind == HashKind.Md5 && FileStat.Of(path) is { } stat)
        {
            repository.State.RecordWritten(stat, digest);
        }
    }

    public void SetExecutable(string path, bool executable)
    {
        if (!executable || OperatingSystem.IsWindows() || FileStat.Of(path) is not { IsExecutable: false } stat)
        {
            return;
        }

        File.SetUnixFileMode(path, (UnixFileMode)(stat.Mode & 0x1ff) | Execute);
    }

    private static bool TryLink(LinkKind kind, string source, string path)
    {
        switch (kind)
        {
            case LinkKind.Reflink:
                return FileLinks.TryCloneWritable(source, path);
            case LinkKind.Copy:
                FileLinks.Copy(source, path);
                return true;
            case LinkKind.Hardlink:
                return FileLinks.TryHardlink(source, path);
            default:
                File.CreateSymbolicLink(path, Path.GetFullPath(source));
                return true;
        }
    }
}
