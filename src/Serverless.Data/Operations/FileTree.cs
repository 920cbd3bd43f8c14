using Serverless.Core;
using Serverless.Data.Cache;
using Serverless.Data.Files;
using Serverless.Data.Ignore;

namespace Serverless.Data.Operations;

/// <summary>Copies a file or a whole folder from anywhere on this machine. Links to files become files.</summary>
internal static class FileTree
{
    public static void Copy(string source, string target, CancellationToken cancellationToken)
    {
        if (FileStat.Of(source) is not { } stat)
        {
            throw ServerlessException.NotFound($"'{source}' does not exist.");
        }

        if (!stat.IsDirectory)
        {
            CopyFile(source, target, stat.IsExecutable);
            return;
        }

        foreach (var file in FolderScan.Files(source, new IgnoreRules(source), cancellationToken))
        {
            CopyFile(source + "/" + file.Path, target + "/" + file.Path, file.Stat.IsExecutable);
        }

        Directory.CreateDirectory(target);
    }

    public static void CopyFile(string source, string target, bool executable) =>
        Write(
            target,
            executable,
            temporary =>
            {
                if (!FileLinks.TryCloneWritable(source, temporary))
                {
                    FileLinks.Copy(source, temporary);
                }
            }
        );

    /// <summary>Copies a file atomically and creates missing parent folders.</summary>
    public static void Write(string target, bool executable, Action<string> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var temporary = TemporaryFiles.Beside(target);
        try
        {
            write(temporary);
            if (executable && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(
                    temporary,
                    File.GetUnixFileMode(temporary) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
                );
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            TemporaryFiles.TryDelete(temporary);
            throw;
        }
    }
}
