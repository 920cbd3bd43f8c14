using Serverless.Core;

namespace Serverless.Local.Hosting;

/// <summary>
/// The folder of a local store: the nearest parent with a `.mlops` folder, else the Git repository, else the current folder.
/// </summary>
internal sealed record LocalWorkspace(string Root)
{
    private const string FolderName = ".mlops";

    public string Folder => Path.Combine(Root, FolderName);

    public string Azurite => Path.Combine(Folder, "azurite");

    public string Work => Path.Combine(Folder, "work");

    public static LocalWorkspace Find(string from)
    {
        var root = Above(from, FolderName) ?? Above(from, ".git") ?? from;
        var workspace = new LocalWorkspace(root);
        try
        {
            Directory.CreateDirectory(workspace.Work);
            var ignore = Path.Combine(workspace.Folder, ".gitignore");
            if (!File.Exists(ignore))
            {
                // The store belongs to this machine: Git and DVC must ignore it wherever the workspace is.
                File.WriteAllText(ignore, "*\n");
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"Cannot write to the folder {workspace.Folder}: {e.Message}",
                "Start in a folder with write access, or free up disk space.",
                inner: e
            );
        }

        return workspace;
    }

    private static string? Above(string from, string name)
    {
        for (var folder = new DirectoryInfo(Path.GetFullPath(from)); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, name)))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
