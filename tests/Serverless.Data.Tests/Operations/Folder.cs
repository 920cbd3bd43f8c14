using Serverless.Data.Repositories;

namespace Serverless.Data.Tests.Operations;

/// <summary>A repository without version control in a folder of its own, gone afterwards.</summary>
internal sealed class Folder : IDisposable
{
    public Folder()
    {
        Root = Directory.CreateTempSubdirectory("dvc-test-").FullName;
        Directory.CreateDirectory(At(".dvc"));
        File.WriteAllText(At(".dvc/config"), "[core]\n    no_scm = True\n");
    }

    public string Root { get; }

    public string At(string path) => Path.Combine(Root, path);

    public string Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        return At(path);
    }

    public Repository Open() => Repository.Open(Root);

    public void Dispose()
    {
        foreach (var file in Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories))
        {
            if (!OperatingSystem.IsWindows() && !File.GetAttributes(file).HasFlag(FileAttributes.ReparsePoint))
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        Directory.Delete(Root, recursive: true);
    }
}
