using Serverless.Data.Files;

namespace Serverless.Data.Operations;

/// <summary>Replaces links to the cache by separate files, so that editing them does not damage the cache.</summary>
public static class Unprotect
{
    public static void Run(string path)
    {
        if (FileStat.Of(path) is not { } stat || OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in stat.IsDirectory ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [path])
        {
            if (
                FileStat.Of(file) is { IsFile: true } target
                && ((target.Mode & 0x80) == 0 || FileStat.Of(file, follow: false) is { IsLink: true })
            )
            {
                FileTree.CopyFile(file, file, target.IsExecutable);
            }
        }
    }
}
